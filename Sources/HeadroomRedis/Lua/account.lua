-- SPDX-License-Identifier: Apache-2.0
-- The account of a budget group. It stands before every operation's file, and does the same arithmetic in the same order under
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

-- The limit -------------------------------------------------------------------------------------------------------------------

local function cellSpan(limit)
    return floor((limit[WINDOW] + PARTS - 1) / PARTS)
end

local function ringKey(scope, limit)
    if scope == PRODUCT then return prefix .. 'ring:product:' .. limit[NAME] end
    return prefix .. 'ring:tenant:' .. scope .. ':' .. limit[NAME]
end

-- A limit that begins: a ring of an earlier one of the same name must not count.
local function newLimit(scope, name, kind, window, configured, capacity, ceiling)
    local limit = { name, kind, window, configured, capacity, ceiling, 0, 0, kind == PACED and MARGIN_START or 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0 }
    if kind == ROLLING then call('DEL', ringKey(scope, limit)) end
    return limit
end

local function ringCount(ring, cell)
    local at = (cell % CELLS) * 4 + 1
    if at + 3 > #ring then return 0 end
    return (struct.unpack('<I4', ring, at))
end

local function setRing(key, limit, cell, count)
    call('SETRANGE', key, (cell % CELLS) * 4, struct.pack('<I4', count))
    call('PEXPIRE', key, floor(limit[WINDOW] / 500) + 60000)
end

-- Empties a piece of the ring and returns how many calls were in it.
local function clearRing(key, from, count)
    local piece = call('GETRANGE', key, from * 4, (from + count) * 4 - 1)
    local cleared = 0
    for at = 1, #piece - 3, 4 do cleared = cleared + struct.unpack('<I4', piece, at) end
    if cleared > 0 then call('SETRANGE', key, from * 4, string.rep('\0', #piece)) end
    return cleared
end

local function roll(scope, limit, newest)
    local cell = limit[CELL]
    if newest <= cell then return end
    local key = ringKey(scope, limit)
    if newest - cell >= CELLS then
        if limit[SPENT] > 0 then call('DEL', key) end
        limit[SPENT] = 0
    elseif limit[SPENT] > 0 then
        if limit[CURRENT] > 0 then setRing(key, limit, cell, limit[CURRENT]) end
        local from, count = (cell + 1) % CELLS, newest - cell
        local before = min(count, CELLS - from)
        limit[SPENT] = limit[SPENT] - clearRing(key, from, before)
        if count > before then limit[SPENT] = limit[SPENT] - clearRing(key, 0, count - before) end
    end
    limit[CELL], limit[CURRENT] = newest, 0
end

local function turnDay(limit, now)
    limit[SPENT], limit[DRIFT], limit[DRIFT_AT], limit[LOW_SINCE], limit[LOWEST] = 0, 0, 0, 0, 0
    limit[MARK_SEEN], limit[USED_SEEN], limit[SEEN_AT], limit[HELD_UNTIL], limit[PAUSES] = 0, 0, 0, 0, 0
    limit[RESETS_AT] = now - now % DAY + DAY
end

local function advanceLimit(scope, limit, now)
    if limit[KIND] == ROLLING then
        roll(scope, limit, floor(now / cellSpan(limit)))
    elseif limit[KIND] == DAILY and now >= limit[RESETS_AT] then
        turnDay(limit, now)
    end
end

local function spendLimit(limit, count)
    if limit[KIND] == ROLLING then
        local added = min(count, CELL_MAXIMUM - limit[CURRENT])
        limit[CURRENT] = limit[CURRENT] + added
        limit[SPENT] = limit[SPENT] + added
    elseif limit[KIND] == DAILY then
        limit[SPENT] = limit[SPENT] + count
    end
end

local function isDriftStale(limit, now)
    return limit[KIND] == ROLLING and limit[DRIFT] > 0 and now - limit[DRIFT_AT] >= limit[WINDOW]
end

local function effectiveDrift(limit, now)
    return isDriftStale(limit, now) and 0 or limit[DRIFT]
end

local function cushionCalls(limit)
    return floor(limit[CUSHION] / 1000000)
end

local function remainingOf(limit, now, outstanding, reserved)
    return limit[CAPACITY] - limit[SPENT] - outstanding - effectiveDrift(limit, now) - cushionCalls(limit)
        - floor(limit[CAPACITY] * reserved / 1000)
end

-- What is left by the vendor's newest figures alone; nil where nothing was heard of late.
local function toldOf(limit, now, outstanding, reserved)
    if limit[KIND] ~= ROLLING or limit[USED_SEEN] <= 0 or now - limit[SEEN_AT] > ROLLING_STEADY then return nil end
    return limit[CAPACITY] - limit[USED_SEEN] - outstanding - floor(limit[CAPACITY] * reserved / 1000)
end

local function mayProbe(limit, now, remaining)
    return limit[KIND] == DAILY and limit[HELD_UNTIL] <= now
        and (limit[PAUSES] > 0
            or (limit[DRIFT] > 0 and remaining + limit[DRIFT] > 0 and now - limit[DRIFT_AT] >= DAY_PAUSE))
end

local function release(scope, limit, needed)
    local ring = call('GETRANGE', ringKey(scope, limit), 0, -1)
    local cell, freed = limit[CELL], 0
    for past = cell - PARTS, cell do
        freed = freed + (past == cell and limit[CURRENT] or ringCount(ring, past))
        if freed >= needed then return (past + CELLS) * cellSpan(limit) end
    end
    return nil
end

local function dayWait(limit, needed, now)
    local reset = limit[RESETS_AT] - now
    local tried = limit[DRIFT] > 0 and 1 - needed + limit[DRIFT] > 0 and limit[DRIFT_AT] + DAY_PAUSE > now
    return tried and min(reset, limit[DRIFT_AT] + DAY_PAUSE - now) or reset, reset
end

local function rollingWait(scope, limit, needed, now)
    local released = release(scope, limit, needed)
    local retryIn, releaseIn = released and released - now or RETRY_OUTSTANDING, released and released - now or 0
    if effectiveDrift(limit, now) <= 0 then return retryIn, releaseIn end
    local stale = limit[DRIFT_AT] + limit[WINDOW] - now
    return min(retryIn, stale), min(releaseIn, stale)
end

local function waitFor(scope, limit, needed, now, outstanding)
    local retryIn, availableIn
    if limit[KIND] == ROLLING then
        retryIn, availableIn = rollingWait(scope, limit, needed, now)
    else
        retryIn, availableIn = dayWait(limit, needed, now)
    end
    if outstanding > 0 then retryIn = min(retryIn, RETRY_OUTSTANDING) end
    if outstanding >= needed then availableIn = min(availableIn, RETRY_OUTSTANDING) end
    return retryIn, availableIn
end

local function spacingOf(limit)
    local base = floor(limit[WINDOW] * 1000 / limit[CAPACITY])
    return base + floor(base * limit[CUSHION] / 1000000)
end

-- Reconciliation --------------------------------------------------------------------------------------------------------------

local function learn(limit, told)
    if limit[CEILING] > 0 then told = min(told, limit[CEILING]) end
    if limit[KIND] == PACED and floor(limit[WINDOW] / told) > 2000000 then return end
    if told == limit[CAPACITY] then
        limit[CANDIDATE], limit[CANDIDATES] = 0, 0
        return
    end
    limit[CANDIDATES] = told == limit[CANDIDATE] and limit[CANDIDATES] + 1 or 1
    limit[CANDIDATE] = told
    if limit[CANDIDATES] >= AGREEMENTS then
        limit[CAPACITY], limit[CANDIDATE], limit[CANDIDATES] = told, 0, 0
    end
end

local function noteDrift(limit, seen, now, steady)
    if limit[KIND] == ROLLING and now - limit[DRIFT_AT] > steady then limit[LOW_SINCE] = 0 end
    limit[DRIFT] = effectiveDrift(limit, now)
    limit[DRIFT_AT] = now
    if seen >= limit[DRIFT] then
        limit[DRIFT], limit[LOW_SINCE] = seen, 0
    elseif limit[LOW_SINCE] == 0 then
        limit[LOW_SINCE], limit[LOWEST] = now, seen
    else
        limit[LOWEST] = max(limit[LOWEST], seen)
        if now - limit[LOW_SINCE] >= steady then
            limit[DRIFT], limit[LOW_SINCE], limit[LOWEST] = limit[LOWEST], now, seen
        end
    end
end

local function observeLimit(limit, used, mark, now, outstanding)
    if limit[KIND] == DAILY and mark > limit[SPENT] + outstanding then return end
    if limit[KIND] == ROLLING and now - limit[SEEN_AT] > ROLLING_STEADY then limit[MARK_SEEN], limit[USED_SEEN] = 0, 0 end
    if used >= limit[USED_SEEN] then limit[USED_SEEN], limit[SEEN_AT] = used, now end
    limit[MARK_SEEN] = max(limit[MARK_SEEN], mark)
    if limit[KIND] == ROLLING then
        noteDrift(limit, max(0, used - mark), now, ROLLING_STEADY)
    elseif limit[KIND] == DAILY then
        noteDrift(limit, used - limit[MARK_SEEN], now, DAY_STEADY)
    end
end

local function settleDrift(limit, now, outstanding)
    if outstanding ~= 0 or limit[USED_SEEN] <= 0 or limit[DRIFT] <= 0 then return end
    if limit[KIND] == ROLLING and now - limit[SEEN_AT] <= ROLLING_STEADY then
        limit[DRIFT] = min(limit[DRIFT], max(0, limit[USED_SEEN] - limit[SPENT]))
    elseif limit[KIND] == DAILY and now - limit[DRIFT_AT] >= DAY_STEADY then
        limit[DRIFT] = min(limit[DRIFT], limit[USED_SEEN] - limit[SPENT])
    end
end

local function resetDay(limit, expiry, now)
    if limit[KIND] ~= DAILY or expiry <= now - DAY_SKEW or expiry > now + DAY + DAY_SKEW then return true end
    local later = expiry - limit[RESETS_AT]
    if expiry <= now or later + DAY <= DAY_SKEW then return false end
    if later >= DAY - DAY_SKEW then turnDay(limit, now) end
    if later > 0 or later < -2000000 then limit[RESETS_AT] = expiry end
    return true
end

local function refuseLimit(limit, count, mark, retryAfter, jitter, now, outstanding)
    if retryAfter > 0 then limit[HELD_UNTIL] = max(limit[HELD_UNTIL], now + retryAfter) end
    if limit[KIND] == PACED then
        limit[CUSHION] = min(MARGIN_MAXIMUM, limit[CUSHION] + MARGIN_STEP * count)
        return
    end
    local capacity = limit[CAPACITY]
    local steps = min(count, CUSHION_MAXIMUM / CUSHION_STEP)
    limit[CUSHION] = min(capacity * CUSHION_MAXIMUM, limit[CUSHION] + capacity * CUSHION_STEP * steps)
    if mark >= 0 then observeLimit(limit, capacity, mark, now, outstanding) end
    if now < limit[HELD_UNTIL] and limit[PAUSES] > 0 then return end
    local span = limit[KIND] == DAILY and DAY_PAUSE or PAUSE_FIRST * 2 ^ min(limit[PAUSES], PAUSE_DOUBLINGS)
    limit[PAUSES] = limit[PAUSES] + 1
    limit[HELD_UNTIL] = max(limit[HELD_UNTIL], now + floor(span * (750 + floor(jitter / 2)) / 1000))
    if limit[KIND] == DAILY then limit[HELD_UNTIL] = min(limit[HELD_UNTIL], limit[RESETS_AT]) end
end

local function acceptLimit(limit, count, tolerance, now)
    if count > 0 and limit[PAUSES] > 0 and now >= limit[HELD_UNTIL] then
        limit[PAUSES] = 0
        if limit[KIND] == DAILY then limit[DRIFT], limit[LOW_SINCE] = min(limit[DRIFT], 0), 0 end
    end
    if count > 0 and isDriftStale(limit, now) then limit[DRIFT] = 0 end
    local paced = limit[KIND] == PACED
    local step = paced and floor(MARGIN_STEP * tolerance / 1000000) or floor(limit[CAPACITY] * 5 * tolerance / 1000)
    local least = paced and MARGIN_MINIMUM or 0
    if step <= 0 or limit[CUSHION] <= least then return end
    local above = limit[CUSHION] - least
    limit[CUSHION] = limit[CUSHION] - min(above, step * min(count, floor(above / step) + 1))
end

-- A 429 of a limit that the budget does not have: nothing to learn from, but a pause is due.
local function pauseFirst(budget, retryAfter, jitter, now)
    for _, limit in ipairs(budget.limits) do
        if limit[KIND] ~= PACED then
            local pause = max(retryAfter, floor(PAUSE_FIRST * (750 + floor(jitter / 2)) / 1000))
            limit[HELD_UNTIL] = max(limit[HELD_UNTIL], now + pause)
            return
        end
    end
end

-- The budget ------------------------------------------------------------------------------------------------------------------

local function newBudget(limits)
    return { outstanding = 0, grantedAt = 0, learned = #limits == 0, probes = 0, touched = 0, revision = 0, limits = limits }
end

local function advanceBudget(scope, budget, now)
    budget.touched = now
    for _, limit in ipairs(budget.limits) do advanceLimit(scope, limit, now) end
end

local function giveBack(budget, count)
    budget.outstanding = max(0, budget.outstanding - count)
end

local function probeOf(budget, now)
    return (budget.outstanding == 0 or now - budget.grantedAt >= PROBE_PATIENCE) and 1 or 0
end

local function spendBudget(budget, count)
    for _, limit in ipairs(budget.limits) do spendLimit(limit, count) end
    if budget.learned then return end
    budget.probes = budget.probes + count
    if budget.probes >= PROBES then budget.learned = true end
end

local function settleBudget(budget, now)
    for _, limit in ipairs(budget.limits) do settleDrift(limit, now, budget.outstanding) end
end

local function limitNamed(budget, name)
    for index, limit in ipairs(budget.limits) do
        if limit[NAME] == name then return limit, index end
    end
    return nil
end

-- A template is a list of {name, kind, window, capacity, ceiling}.
local function fromTemplate(scope, template)
    return newLimit(scope, template[1], template[2], template[3], template[4], template[4], template[5])
end

local function fromTemplates(scope, templates)
    local limits = {}
    for index, template in ipairs(templates) do limits[index] = fromTemplate(scope, template) end
    return limits
end

local function configure(scope, budget, templates, now)
    local limits = {}
    for index, template in ipairs(templates) do
        local limit = limitNamed(budget, template[1])
        if limit and limit[KIND] == template[2] and limit[WINDOW] == template[3] then
            limit[CEILING] = template[5]
            if limit[CONFIGURED] ~= template[4] then
                limit[CONFIGURED], limit[CAPACITY], limit[CANDIDATE], limit[CANDIDATES] = template[4], template[4], 0, 0
            end
            if limit[CEILING] > 0 and limit[CAPACITY] ~= limit[CONFIGURED] then
                limit[CAPACITY] = min(limit[CAPACITY], limit[CEILING])
            end
        else
            limit = fromTemplate(scope, template)
        end
        limits[index] = limit
    end
    for _, limit in ipairs(budget.limits) do
        if limit[CONFIGURED] == 0 and #limits < MAXIMUM_LIMITS and not limitNamed({ limits = limits }, limit[NAME]) then
            limits[#limits + 1] = limit
        end
    end
    budget.limits = limits
    advanceBudget(scope, budget, now)
end

-- The group -------------------------------------------------------------------------------------------------------------------

local group
local tenants = {}

-- Milliseconds that a key is kept unused.
local function keep()
    return floor(group.keep / 1000)
end

local function clock(given)
    if given > 0 then return given end
    local time = call('TIME')
    return time[1] * 1000000 + time[2]
end

-- Reads the group's state; false where there is none.
local function load()
    local packed = call('GET', KEYS[1])
    if not packed then return false end
    group = cmsgpack.unpack(packed)
    if type(group) ~= 'table' or group.version ~= VERSION then
        return nil, redis.error_reply('VERSION the account in ' .. KEYS[1] .. ' was not written by version '
            .. VERSION .. ' of this library; it was not touched')
    end
    return true
end

local function advance(time)
    group.now = max(group.now, time)
    advanceBudget(PRODUCT, group.product, group.now)
    return group.now
end

-- The key of a tenant's budget is kept as long as something in it may count: `group.keep`.
local function tenantBudget(tenant)
    local budget = tenants[tenant]
    if budget then return budget end
    local packed = call('GET', prefix .. 'tenant:' .. tenant)
    budget = packed and cmsgpack.unpack(packed)
    if not budget or group.now - budget.touched > group.tenantIdle then
        budget = newBudget(fromTemplates(tenant, group.templates))
    end
    advanceBudget(tenant, budget, group.now)
    if budget.revision ~= group.revision then
        configure(tenant, budget, group.templates, group.now)
        budget.revision = group.revision
    end
    tenants[tenant] = budget
    return budget
end

local function budgetOf(scope)
    if scope == PRODUCT then return group.product end
    return tenantBudget(scope)
end

local function save()
    call('SET', KEYS[1], cmsgpack.pack(group), 'PX', keep())
    for tenant, budget in pairs(tenants) do
        call('SET', prefix .. 'tenant:' .. tenant, cmsgpack.pack(budget), 'PX', keep())
    end
end

local function loadInstance(id)
    local packed = call('GET', prefix .. 'instance:' .. id)
    return packed and cmsgpack.unpack(packed)
end

local function saveInstance(id, instance)
    call('SET', prefix .. 'instance:' .. id, cmsgpack.pack(instance), 'PX', keep())
end

local function renew(id, instance, now)
    instance.renewed = now
    call('ZADD', prefix .. 'instances', string.format('%.0f', now), id)
    call('PEXPIRE', prefix .. 'instances', keep())
end

local function removeInstance(id, instance)
    call('DEL', prefix .. 'instance:' .. id)
    call('ZREM', prefix .. 'instances', id)
    if instance and instance.wanting then group.demand = group.demand - instance.weight end
end

local function finish(id, instance)
    removeInstance(id, instance)
    if not instance then return end
    for tenant, count in pairs(instance.held) do
        giveBack(group.product, count)
        spendBudget(group.product, count)
        if tenant ~= PRODUCT then
            local budget = tenantBudget(tenant)
            giveBack(budget, count)
            spendBudget(budget, count)
        end
    end
end

local function reap()
    local now = group.now
    if now < group.reapAt then return end
    group.reapAt = now + REAP_INTERVAL
    local silent = call('ZRANGEBYSCORE', prefix .. 'instances', '-inf', string.format('%.0f', now - group.timeToLive), 'LIMIT', 0,
        REAP_MAXIMUM + 1)
    for index = 1, min(#silent, REAP_MAXIMUM) do finish(silent[index], loadInstance(silent[index])) end
    if #silent > REAP_MAXIMUM then group.reapAt = now end
end
