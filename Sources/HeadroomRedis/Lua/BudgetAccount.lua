-- SPDX-License-Identifier: Apache-2.0
-- One budget: its limits, and what is outstanding.

-- The limits of a plan, as a join has them: how many, then name, kind, window, capacity and ceiling of each.
local function unpackTemplates(packed, from)
    local templates, count, next = {}, read('<d', packed, from)
    for index = 1, count do
        local template = { read('<sdddd', packed, next) }
        templates[index], next = template, template[6]
    end
    return templates, next
end

local function newConfiguredLimit(scope, template)
    local name, kind, window, capacity, ceiling = unpack(template)
    return newLimit(scope, name, kind, window, capacity, capacity, ceiling)
end

local function newBudget(scope, templates)
    local limits = {}
    for index, template in ipairs(templates) do limits[index] = newConfiguredLimit(scope, template) end
    return { outstanding = 0, grantedAt = 0, isLearned = #limits == 0, probes = 0, learnsAt = 0, touched = 0,
        revision = 0, limits = limits }
end

local function packBudget(budget)
    local limits = budget.limits
    local parts = { pack(BUDGET_FORM, #limits, budget.outstanding, budget.grantedAt, budget.isLearned and 1 or 0,
        budget.probes, budget.learnsAt, budget.touched, budget.revision) }
    for index = 1, #limits do parts[index + 1] = packLimit(limits[index]) end
    return table.concat(parts)
end

local function unpackBudget(packed, from)
    local count, outstanding, grantedAt, isLearned, probes, learnsAt, touched, revision, next =
        read(BUDGET_FORM, packed, from)
    local limits = {}
    for index = 1, count do limits[index], next = unpackLimit(packed, next) end
    return { outstanding = outstanding, grantedAt = grantedAt, isLearned = isLearned == 1, probes = probes,
        learnsAt = learnsAt, touched = touched, revision = revision, limits = limits }
end

local function advanceBudget(scope, budget, now)
    budget.touched = now
    local limits = budget.limits
    for index = 1, #limits do advanceLimit(scope, limits[index], now) end
end

local function giveBack(budget, count)
    budget.outstanding = max(0, budget.outstanding - count)
end

local function probe(budget, now)
    return (budget.outstanding == 0 or now - budget.grantedAt >= PROBE_PATIENCE) and 1 or 0
end

local function hasStrangers(budget, now)
    local limits = budget.limits
    for index = 1, #limits do
        local limit = limits[index]
        local isSeen = limit[KIND] == ROLLING and limit[STRANGERS_AT] > 0
        if isSeen and now - limit[STRANGERS_AT] <= STRANGERS_STEADY then return true end
    end
    return false
end

local function spendBudget(budget, count)
    local limits = budget.limits
    for index = 1, #limits do spendLimit(limits[index], count) end
    if budget.isLearned then return end
    budget.probes = budget.probes + count
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
        if limit[KIND] == ROLLING then
            local apart = floor(limit[WINDOW] * TURN_SPACING_PER_MILLE / limit[CAPACITY])
            slowest = max(slowest or 1, min(apart, TURN_SPACING_MAXIMUM))
        end
    end
    return slowest
end

local function limitNamed(budget, name)
    local limits = budget.limits
    for index = 1, #limits do
        if limits[index][NAME] == name then return limits[index] end
    end
    return nil
end

-- What the vendor says.

local function learnLimit(budget, scope, name, kind, window, capacity, now)
    local limit = limitNamed(budget, name)
    if limit then
        learn(limit, capacity)
    elseif kind ~= 0 and kind ~= PACED and #budget.limits < MAXIMUM_LIMITS then
        limit = newLimit(scope, name, kind, window, 0, capacity, 0)
        budget.limits[#budget.limits + 1] = limit
        advanceLimit(scope, limit, now)
    end
    return limit
end

local function observeBudget(budget, scope, name, kind, window, capacity, used, mark, expiry, date, age, now)
    local limit = learnLimit(budget, scope, name, kind, window, capacity, now)
    if not limit then return end
    if expiry >= 0 and not resetDay(limit, date >= 0 and expiry + now - date - age or expiry, now) then return end
    if used < 0 or mark < 0 or limit[KIND] == PACED then return end
    observeLimit(limit, used, mark, now, budget.outstanding)
    budget.isLearned = true
end

local function pauseFirst(budget, retryAfter, jitter, now)
    for _, limit in ipairs(budget.limits) do
        if limit[KIND] ~= PACED then
            local pause = max(retryAfter, floor(PAUSE_FIRST * (750 + floor(jitter / 2)) / 1000))
            limit[PAUSED_UNTIL] = max(limit[PAUSED_UNTIL], now + pause)
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

local function configureLimit(scope, budget, template)
    local name, kind, window, capacity, ceiling = unpack(template)
    local limit = limitNamed(budget, name)
    if not limit or limit[KIND] ~= kind or limit[WINDOW] ~= window then return newConfiguredLimit(scope, template) end
    limit.head = nil
    limit[CEILING] = ceiling
    if limit[CONFIGURED] ~= capacity then
        limit[CONFIGURED], limit[CAPACITY], limit[CANDIDATE], limit[CANDIDATES] = capacity, capacity, 0, 0
    end
    if limit[CEILING] > 0 and limit[CAPACITY] ~= limit[CONFIGURED] then
        limit[CAPACITY] = min(limit[CAPACITY], limit[CEILING])
    end
    return limit
end

local function configure(scope, budget, templates, now)
    local limits = {}
    for index, template in ipairs(templates) do limits[index] = configureLimit(scope, budget, template) end
    for _, limit in ipairs(budget.limits) do
        if limit[CONFIGURED] == 0 and #limits < MAXIMUM_LIMITS and not limitNamed({ limits = limits }, limit[NAME]) then
            limits[#limits + 1] = limit
        end
    end
    budget.limits = limits
    advanceBudget(scope, budget, now)
end
