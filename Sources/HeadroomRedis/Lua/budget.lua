-- SPDX-License-Identifier: Apache-2.0
-- One budget: its limits, and what is outstanding.

local function newBudget(limits)
    return { outstanding = 0, grantedAt = 0, learned = #limits == 0, probes = 0, learnsAt = 0, touched = 0, revision = 0,
        limits = limits }
end

local function packBudget(budget)
    local limits = budget.limits
    local packed = pack(BUDGET_FORM, #limits, budget.outstanding, budget.grantedAt, budget.learned and 1 or 0, budget.probes,
        budget.learnsAt, budget.touched, budget.revision)
    for index = 1, #limits do packed = packed .. packLimit(limits[index]) end
    return packed
end

local function readBudget(packed, from)
    local count, outstanding, grantedAt, learned, probes, learnsAt, touched, revision, next = read(BUDGET_FORM, packed, from)
    local limits = {}
    for index = 1, count do limits[index], next = readLimit(packed, next) end
    return { outstanding = outstanding, grantedAt = grantedAt, learned = learned == 1, probes = probes,
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

local function probeOf(budget, now)
    return (budget.outstanding == 0 or now - budget.grantedAt >= PROBE_PATIENCE) and 1 or 0
end

local function hasStrangers(budget, now)
    local limits = budget.limits
    for index = 1, #limits do
        local limit = limits[index]
        if limit[KIND] == ROLLING and limit[STRANGERS_AT] > 0 and now - limit[STRANGERS_AT] <= STRANGERS_STEADY then return true end
    end
    return false
end

local function spendBudget(budget, count)
    local limits = budget.limits
    for index = 1, #limits do spendLimit(limits[index], count) end
    if budget.learned then return end
    budget.probes = budget.probes + count
    if budget.probes >= PROBES and budget.touched >= budget.learnsAt then budget.learned = true end
end

local function settleBudget(budget, now)
    local limits = budget.limits
    for index = 1, #limits do settleDrift(limits[index], now, budget.outstanding) end
end

-- How many nanoseconds calls of the slowest rolling window are apart; nil where there is none.
local function paceOf(budget)
    local slowest
    local limits = budget.limits
    for index = 1, #limits do
        local limit = limits[index]
        if limit[KIND] == ROLLING then
            slowest = max(slowest or 1, min(floor(limit[WINDOW] * TURN_SPACING_PER_MILLE / limit[CAPACITY]), SLOWEST))
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

-- The limits of a plan, as a join tells them: how many, then name, kind, window, capacity and ceiling of each.
local function readTemplates(packed, from)
    local templates, count, next = {}, read('<d', packed, from)
    for index = 1, count do
        local template = { read('<sdddd', packed, next) }
        templates[index], next = template, template[6]
    end
    return templates, next
end

local function fromTemplate(scope, template)
    local name, kind, window, capacity, ceiling = unpack(template)
    return newLimit(scope, name, kind, window, capacity, capacity, ceiling)
end

local function fromTemplates(scope, templates)
    local limits = {}
    for index, template in ipairs(templates) do limits[index] = fromTemplate(scope, template) end
    return limits
end

-- Takes the limits of a plan: what is known of a limit of the same name and window stays.
local function configure(scope, budget, templates, now)
    local limits = {}
    for index, template in ipairs(templates) do
        local name, kind, window, capacity, ceiling = unpack(template)
        local limit = limitNamed(budget, name)
        if limit and limit[KIND] == kind and limit[WINDOW] == window then
            limit.head = nil
            limit[CEILING] = ceiling
            if limit[CONFIGURED] ~= capacity then
                limit[CONFIGURED], limit[CAPACITY], limit[CANDIDATE], limit[CANDIDATES] = capacity, capacity, 0, 0
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
