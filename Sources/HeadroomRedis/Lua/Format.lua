-- SPDX-License-Identifier: Apache-2.0
-- The form of the account in Redis: what every operation's script begins with.
--
-- Every other file but Store.lua has its like of the same name in Sources/Headroom/Account: both do the same arithmetic
-- in the same order under the same names (a method that several types have takes the type's name with it: spendLimit,
-- spendBudget). Integers only, times in microseconds since 1970. What the names mean is said there.
--
-- Names in capitals are constants. Those of the account come from Swift (Rules); all are replaced by their values
-- before Redis sees the text.
--
-- The first key of every call is headroom:1:{group}:state; every other key has the same beginning and hash tag. The one
-- argument is the request, packed: numbers as doubles of eight bytes, little-endian, texts NUL-terminated. First in it
-- come the time, 0 for Redis' own, and the call's correlation id, with which every answer that is no error ends: the id
-- names the call that the answer is for.

-- A limit is a list of these fields. The first seven and the name change rarely; of the others each kind has its own,
-- which follow each other.
local KIND <const>, WINDOW <const>, CONFIGURED <const>, CAPACITY <const>, CEILING <const> = 1, 2, 3, 4, 5
local CANDIDATE <const>, CANDIDATES <const>, NEXT <const>, NEXT_NANOS <const> = 6, 7, 8, 9
local CUSHION <const>, PAUSED_UNTIL <const>, PAUSES <const>, SPENT <const> = 10, 11, 12, 13
local DRIFT <const>, DRIFT_AT <const>, LOW_SINCE <const>, LOWEST <const> = 14, 15, 16, 17
local USED_SEEN <const>, SEEN_AT <const>, RESETS_AT <const>, MARK_SEEN <const> = 18, 19, 20, 21
local SUB_WINDOW <const>, CURRENT <const>, STRANGERS_AT <const> = 22, 23, 24
local NAME <const>, FIELDS <const> = 25, 24
local ROLLING <const>, DAILY <const>, PACED <const> = 1, 2, 3

-- What a want is short of, as the reply has it.
local UNSHORT <const>, SHORT_LIMIT <const>, SHORT_LEARNING <const>, SHORT_HOLD <const> = 0, 1, 2, 3
-- A shortage is a list of these fields.
local CAUSE <const>, SHORT_SCOPE <const>, SHORT_NAME <const>, RETRY_IN <const>, AVAILABLE_IN <const> = 1, 2, 3, 4, 5

-- The functions of Lua and Redis that are used. The first call binds them: where functions are loaded, they cannot be
-- seen yet.
local floor, min, max, pack, read, call, attempt

-- How a limit is packed: its name and what changes rarely, then the fields from FIRST to LAST of its kind.
local HEAD_FORM = '<sddddddd'
local FIRST, LAST = { CUSHION, CUSHION, NEXT }, { STRANGERS_AT, MARK_SEEN, PAUSES }
local FORMS = { '<ddddddddddddddd', '<dddddddddddd', '<ddddd' }
-- How a budget is packed: the number of its limits, then its own fields; the limits follow.
local BUDGET_FORM = '<Bddddddd'
-- How a group is packed: the version, then its own fields; the product's budget follows.
local GROUP_FORM = '<Bddddddddddddddddddddddd'
-- How an instance is packed: its own fields, then the number of entries of permits; these and the last reply follow.
local INSTANCE_FORM = '<dddddddd'

-- The budget of all calls; every other scope is a tenant's name.
local PRODUCT = ''

-- Of the call under way: its key, what all keys begin with, the request and the place in it, the time given, the id.
local stateKey, prefix, request, at, given, correlation
-- Of the call under way: the key that is read or written. If that fails, the error names it.
local touched
-- Of the exchange under way: its instance, and its time.
local instance, now
-- Of the exchange under way, what it has done so far: the fields of Swift's ExchangeProgress.
local pooled, taken, start, hasQueued

local function begin(keys, arguments)
    if not call then
        floor, min, max = math.floor, math.min, math.max
        pack, read, call, attempt = struct.pack, struct.unpack, redis.call, redis.pcall
    end
    stateKey, touched, request, at = keys[1], keys[1], arguments[1], 1
    prefix = string.sub(stateKey, 1, -6)
end

local function takeHead()
    given, correlation, at = read('<dd', request)
end

-- The next text of the request.
local function takeText()
    local text
    text, at = read('s', request, at)
    return text
end

-- The next number of the request.
local function takeNumber()
    local number
    number, at = read('<d', request, at)
    return number
end
