-- SPDX-License-Identifier: Apache-2.0
-- The state of the product's budget, of all instances, and of the tenants named.

local function statusBudget(scope, budget, now)
    local limits = {}
    for index, limit in ipairs(budget.limits) do
        limits[index] = { limit[NAME], limit[KIND], limit[WINDOW], limit[CONFIGURED], limit[CAPACITY], limit[SPENT],
            effectiveDrift(limit, now), limit[CUSHION], max(0, limit[PAUSED_UNTIL] - now), limit[PAUSES],
            limit[KIND] == DAILY and limit[RESETS_AT] - now or 0, max(0, limit[NEXT] - now), limit[CANDIDATE] }
    end
    return { scope, budget.outstanding, budget.isLearned and 0 or 1, limits }
end

-- Whether a tenant has a budget in which something may count; looking at one that has none must not make one.
local function hasBudget(tenant, now)
    local packed = attempt('GET', prefix .. 'tenant:' .. tenant)
    if not packed then return false end
    local isReadable, budget = pcall(unpackBudget, packed, 1)
    return isReadable and now - budget.touched <= group.tenantIdle
end

local function status(keys, arguments)
    local isKnown, problem = load(keys, arguments)
    if problem then return problem end
    takeHead()
    if not isKnown then return { 0, correlation } end
    local now = advance(clock())
    expireInstances()

    local budgets = { statusBudget(PRODUCT, group.product, now) }
    for _ = 1, takeNumber() do
        local tenant = takeText()
        if hasBudget(tenant, now) then
            budgets[#budgets + 1] = statusBudget(tenant, tenantBudget(tenant), now)
        end
    end

    local instances = {}
    touched = prefix .. 'instances'
    for _, id in ipairs(call('ZRANGEBYSCORE', touched, '-inf', '+inf')) do
        local instance = loadInstance(id)
        if instance then
            local permits = 0
            for _, count in pairs(instance.permits) do permits = permits + count end
            instances[#instances + 1] = { id, instance.weight, permits, now - instance.renewed,
                instance.isWanting and 1 or 0 }
        end
    end
    save()
    return { 1, group.epoch, now, max(0, group.holdUntil - now), group.demand, instances, budgets, correlation }
end

status = guarded(status)
