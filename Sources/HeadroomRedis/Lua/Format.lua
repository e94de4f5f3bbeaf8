-- SPDX-License-Identifier: Apache-2.0
-- What every operation's script begins with: the call under way, and how its request is read.
--
-- Every other file but Store.lua has its like of the same name in Sources/Headroom/Account: both do the same arithmetic
-- in the same order under the same names (a method that several types have takes the type's name with it: spendLimit,
-- spendBudget). Integers only, times in microseconds since 1970. What the names mean is said there.
--
-- Names in capitals are constants, which come from Swift (LuaConstants) and are replaced by their values before Redis
-- sees the text. The functions that pack and unpack records (`packClock`, `unpackClock`), those that read the pieces of
-- a request (`takeWant`) and those that pack the pieces of a reply (`packGauge`) are made of Swift's declarations of
-- these records (AccountRecords, RequestRecords, ReplyRecords), and follow this file.
--
-- The one key of every call is headroom:2:{group}, a hash. The one argument is the request, packed: numbers as doubles
-- of eight bytes, little-endian, texts NUL-terminated. First in it come the time, 0 for Redis' own, and the call's
-- correlation id, with which every answer that is no error ends: the id names the call that the answer is for.

-- The functions of Lua and Redis that are used. The first call binds them: where functions are loaded, they cannot be
-- seen yet.
local floor, min, max, pack, read, call, attempt

-- The budget of all calls; every other scope is a tenant's name.
local PRODUCT <const> = ''
-- The error of an account of which a part is lost.
local LOST <const> = 'LOST'

-- Of the call under way: the account's key, the request and the place in it, the time given, the id.
local key, request, at, given, correlation
-- Of the exchange under way: its instance, and its time.
local instance, now
-- Of the exchange under way, what it has done so far: the fields of Swift's ExchangeProgress.
local pooled, taken, start, hasQueued

local function bind()
    if not pcall(function() return struct.pack end) then error('UNSUITED struct', 0) end
    floor, min, max = math.floor, math.min, math.max
    pack, read, call, attempt = struct.pack, struct.unpack, redis.call, redis.pcall
end

local function begin(keys, arguments)
    if not call then bind() end
    key, request = keys[1], arguments[1]
    given, correlation, at = read('<dd', request)
end

-- The next number of the request.
local function takeNumber()
    local number
    number, at = read('<d', request, at)
    return number
end
