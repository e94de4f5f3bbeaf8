-- SPDX-License-Identifier: Apache-2.0
-- The account of a budget group: constants and arguments. It stands with limit, reconciliation, budget and group before every
-- operation's file, and does the same arithmetic in the same order under
-- the same names as Sources/Headroom/Ledger/Account: integers only, times in microseconds since 1970. The comments are there.
--
-- KEYS[1] is headroom:1:{group}:state; every other key has the same beginning and hash tag. ARGV is flat; `take` reads it.

local VERSION = 1
local PARTS, CELLS, CELL_MAXIMUM = 240, 241, 4294967295
local DAY, DAY_SKEW = 86400000000, 300000000
local HORIZON = 250000
local ROLLING_STEADY, DAY_STEADY = 3000000, 30000000
local AGREEMENTS, PROBES = 3, 3
local CUSHION_STEP, CUSHION_MAXIMUM = 5000, 500000
local MARGIN_STEP, MARGIN_START, MARGIN_MINIMUM, MARGIN_MAXIMUM = 20000, 50000, 20000, 3000000
local PAUSE_FIRST, PAUSE_DOUBLINGS, DAY_PAUSE = 250000, 5, 300000000
local PROBE_PATIENCE = 5000000
local RETRY_OUTSTANDING, RETRY_LEARNING, RETRY_SHARE, RETRY_MINIMUM = 250000, 50000, 20000, 1000
local RENEWAL, REAP_INTERVAL, REAP_MAXIMUM = 1000000, 1000000, 16
local TENANT_IDLE, MAXIMUM_LIMITS = 172800000000, 8
local PRODUCT = ''

-- A limit is a list of these fields, a budget and the group are tables with names: lists are packed faster.
local NAME, KIND, WINDOW, CONFIGURED, CAPACITY, CEILING, CANDIDATE, CANDIDATES, CUSHION, HELD_UNTIL, PAUSES, SPENT, CELL, CURRENT,
    RESETS_AT, DRIFT, DRIFT_AT, LOW_SINCE, LOWEST, MARK_SEEN, USED_SEEN, SEEN_AT, NEXT, NEXT_NANOS =
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24
local ROLLING, DAILY, PACED = 1, 2, 3

local floor, min, max = math.floor, math.min, math.max
local call = redis.call

local prefix = string.sub(KEYS[1], 1, -6)
local taken = 0

local function take()
    taken = taken + 1
    return ARGV[taken]
end

local function takeNumber()
    taken = taken + 1
    return tonumber(ARGV[taken])
end
