-- SPDX-License-Identifier: Apache-2.0
-- How luacheck reads the Lua text that Redis gets (LuaLintTests). Every finding is an error.
std = 'lua51'
read_globals = { 'redis', 'struct', 'KEYS', 'ARGV' }
max_line_length = 120
-- What the call under way is about, declared once for all files; the account's functions take the same as parameters.
ignore = { '431/now', '431/instance', '431/group', '431/clock', '431/touched', '431/scopes', '431/shortage' }
