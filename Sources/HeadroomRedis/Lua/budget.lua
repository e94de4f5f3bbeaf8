-- SPDX-License-Identifier: Apache-2.0
-- One budget: its limits, and what is outstanding.

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
