-- SPDX-License-Identifier: Apache-2.0
-- One budget: its limits, and what is outstanding.

-- Reads the limits of a plan.
local function takeLimits()
    local templates = {}
    for index = 1, takeNumber() do
        local name, kind, window, capacity, ceiling = takeLimit()
        templates[index] = { name = name, kind = kind, window = window, capacity = capacity, ceiling = ceiling }
    end
    return templates
end

local function newConfiguredLimit(template)
    local capacity = template.capacity
    return newLimit(template.name, template.kind, template.window, capacity, capacity, template.ceiling)
end

local function newBudget(templates)
    local limits = {}
    for index, template in ipairs(templates) do limits[index] = newConfiguredLimit(template) end
    return { outstanding = 0, grantedAt = 0, isLearned = #limits == 0, probes = 0, learnsAt = 0, touched = 0,
        revision = 0, hasNewPermits = false, hasNewState = false, limits = limits }
end

-- A tenant's budget, which is one field.
local function packTenant(budget)
    local limits = budget.limits
    packLimits(limits)
    return packBudget(budget) .. packPermits(budget) .. pack('<B', #limits) .. concatenate(limits, 'packedHead')
        .. concatenate(limits, 'packedCount') .. concatenate(limits, 'packedSeen')
        .. concatenate(limits, 'packedPauses')
end

local function unpackTenant(packed)
    local budget, limits = {}, {}
    local count, next =
        read('<B', packed, records.unpackPermits(budget, packed, records.unpackBudget(budget, packed, STAMP + 1)))
    for index = 1, count do limits[index], next = unpackHead(packed, next) end
    for index = 1, count do next = unpackCount(limits[index], packed, next) end
    for index = 1, count do next = unpackSeen(limits[index], packed, next) end
    for index = 1, count do next = unpackLimitPauses(limits[index], packed, next) end
    budget.limits = limits
    return budget
end

local function advanceBudget(scope, budget, now)
    budget.touched = now
    local limits = budget.limits
    for index = 1, #limits do advanceLimit(scope, limits[index], now) end
end

local function giveBack(budget, count)
    budget.outstanding, budget.hasNewPermits = max(0, budget.outstanding - count), true
end

local function probe(budget, now)
    return (budget.outstanding == 0 or now - budget.grantedAt >= PROBE_PATIENCE) and 1 or 0
end

local function hasStrangers(budget, now)
    local limits = budget.limits
    for index = 1, #limits do
        local limit = limits[index]
        local isSeen = limit.kind == ROLLING and limit.strangersAt > 0
        if isSeen and now - limit.strangersAt <= STRANGERS_STEADY then return true end
    end
    return false
end

local function spendBudget(budget, count)
    local limits = budget.limits
    for index = 1, #limits do spendLimit(limits[index], count) end
    if budget.isLearned then return end
    budget.probes, budget.hasNewState = budget.probes + count, true
    if budget.probes >= PROBES and budget.touched >= budget.learnsAt then budget.isLearned = true end
end

local function acceptBudget(budget, count, tolerance, now)
    local limits = budget.limits
    for index = 1, #limits do acceptLimit(limits[index], count, tolerance, now) end
end

local function settleBudgetDrift(budget, now)
    local limits = budget.limits
    for index = 1, #limits do settleLimitDrift(limits[index], now, budget.outstanding) end
end

-- A pace is the distance of two calls, in nanoseconds.
local function windowPace(budget)
    local slowest
    local limits = budget.limits
    for index = 1, #limits do
        local limit = limits[index]
        if limit.kind == ROLLING then
            local apart = floor(limit.window * TURN_SPACING_PER_MILLE / limit.capacity)
            slowest = max(slowest or 1, min(apart, TURN_SPACING_MAXIMUM))
        end
    end
    return slowest
end

local function limitNamed(budget, name)
    local limits = budget.limits
    for index = 1, #limits do
        if limits[index].name == name then return limits[index] end
    end
    return nil
end

-- What the vendor says.

local function learnLimit(budget, scope, name, kind, window, capacity, now)
    local limit = limitNamed(budget, name)
    if limit then
        learn(limit, capacity)
    elseif kind ~= 0 and kind ~= PACED and #budget.limits < MAXIMUM_LIMITS then
        limit = newLimit(name, kind, window, 0, capacity, 0)
        budget.limits[#budget.limits + 1] = limit
        advanceLimit(scope, limit, now)
    end
    return limit
end

local function observeBudget(budget, scope, name, kind, window, capacity, used, mark, expiry, date, age, now)
    local limit = learnLimit(budget, scope, name, kind, window, capacity, now)
    if not limit then return end
    if expiry >= 0 and not resetDay(limit, date >= 0 and expiry + now - date - age or expiry, now) then return end
    if used < 0 or mark < 0 or limit.kind == PACED then return end
    observeLimit(limit, used, mark, now, budget.outstanding)
    if not budget.isLearned then budget.isLearned, budget.hasNewState = true, true end
end

local function pauseFirst(budget, retryAfter, jitter, now)
    for _, limit in ipairs(budget.limits) do
        if limit.kind ~= PACED then
            local pause = max(retryAfter, floor(PAUSE_FIRST * (750 + floor(jitter / 2)) / 1000))
            limit.pausedUntil, limit.packedPauses = max(limit.pausedUntil, now + pause), nil
            return
        end
    end
end

local function rejectBudget(budget, name, count, mark, retryAfter, jitter, now)
    local limit = limitNamed(budget, name)
    if not limit then return pauseFirst(budget, retryAfter, jitter, now) end
    rejectLimit(limit, count, mark, retryAfter, jitter, now, budget.outstanding)
end

-- What the plan says.

local function configureLimit(scope, budget, template, now)
    local limit, fresh = limitNamed(budget, template.name), newConfiguredLimit(template)
    if not limit then return fresh end
    if limit.kind ~= fresh.kind or limit.window ~= fresh.window then
        if limit.kind == fresh.kind then
            advanceLimit(scope, fresh, now)
            takeOver(scope, fresh, limit)
        end
        emptyRing(scope, limit)
        return fresh
    end
    limit.packedHead = nil
    limit.ceiling = fresh.ceiling
    if limit.configured ~= fresh.configured then
        limit.configured, limit.capacity, limit.candidate, limit.candidates = fresh.configured, fresh.configured, 0, 0
    end
    if limit.ceiling > 0 and limit.capacity ~= limit.configured then
        limit.capacity = min(limit.capacity, limit.ceiling)
    end
    return limit
end

local function configure(scope, budget, templates, now)
    local limits = {}
    for index, template in ipairs(templates) do limits[index] = configureLimit(scope, budget, template, now) end
    local configured = { limits = limits }
    for _, limit in ipairs(budget.limits) do
        if limit.configured == 0 and #limits < MAXIMUM_LIMITS and not limitNamed(configured, limit.name) then
            limits[#limits + 1] = limit
        elseif not limitNamed(configured, limit.name) then
            emptyRing(scope, limit)
        end
    end
    -- Which of the packed pieces are whose has changed.
    for _, limit in ipairs(limits) do
        limit.packedHead, limit.packedCount, limit.packedSeen, limit.packedPauses = nil, nil, nil, nil
    end
    budget.limits = limits
    advanceBudget(scope, budget, now)
end
