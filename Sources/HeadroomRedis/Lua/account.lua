-- SPDX-License-Identifier: Apache-2.0
-- The account of a budget group: its form. It stands with limit, reconciliation, budget and group before every
-- operation's file, and does the same arithmetic in the same order under the same names as
-- Sources/Headroom/Account: integers only, times in microseconds since 1970. The comments are there.
--
-- Names in capitals are constants. Those of the account come from Swift (Rules); all are replaced by their values
-- before Redis sees the text.
--
-- The first key of every call is headroom:1:{group}:state; every other key has the same beginning and hash tag. Its one
-- argument is the request, packed: numbers as doubles of eight bytes, the lower first, texts with a zero behind them.
-- First come the time, 0 for Redis' own, and the call's correlation id, with which every answer that is no error ends:
-- it names the call that it is for.

-- A limit is a list of these fields. The first seven and the name change rarely; of the others each kind has its own,
-- which follow each other.
local KIND <const>, WINDOW <const>, CONFIGURED <const>, CAPACITY <const>, CEILING <const> = 1, 2, 3, 4, 5
local CANDIDATE <const>, CANDIDATES <const>, NEXT <const>, NEXT_NANOS <const> = 6, 7, 8, 9
local CUSHION <const>, PAUSED_UNTIL <const>, PAUSES <const>, SPENT <const>, DRIFT <const>, DRIFT_AT <const> = 10, 11, 12, 13, 14, 15
local LOW_SINCE <const>, LOWEST <const>, USED_SEEN <const>, SEEN_AT <const> = 16, 17, 18, 19
local RESETS_AT <const>, MARK_SEEN <const>, CELL <const>, CURRENT <const>, STRANGERS_AT <const> = 20, 21, 22, 23, 24
local NAME <const>, FIELDS <const> = 25, 24
local ROLLING <const>, DAILY <const>, PACED <const> = 1, 2, 3

-- Bound by the first call: where functions are loaded, these cannot be seen yet.
local floor, min, max, pack, read, call, attempt

-- How a budget is packed: the number of its limits first; of each limit its name and what changes rarely, then what its
-- kind has.
local BUDGET_FORM, HEAD_FORM = '<Bddddddd', '<sddddddd'
local FIRST, LAST = { CUSHION, CUSHION, NEXT }, { STRANGERS_AT, MARK_SEEN, PAUSES }
local FORMS = { '<ddddddddddddddd', '<dddddddddddd', '<ddddd' }
-- The budget of all calls; every other scope is a tenant's name.
local PRODUCT = ''

-- Of the call under way.
local stateKey, prefix, request, at, given, correlation
-- The key that is read or written: if Redis refuses that, the error names it.
local touched

local function begin(keys, arguments)
    if not call then
        floor, min, max, pack, read, call, attempt = math.floor, math.min, math.max, struct.pack, struct.unpack, redis.call, redis.pcall
    end
    stateKey, touched, request, at = keys[1], keys[1], arguments[1], 1
    prefix = string.sub(stateKey, 1, -6)
end

local function takeHead()
    given, correlation, at = read('<dd', request)
end

-- The next text, and the next number, of the request.
local function take()
    local text
    text, at = read('s', request, at)
    return text
end

local function takeNumber()
    local number
    number, at = read('<d', request, at)
    return number
end
