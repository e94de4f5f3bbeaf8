-- SPDX-License-Identifier: Apache-2.0
-- The group: its time, and its budgets.

local function accountTime(time)
    if time >= group.now then return time end
    local passed = max(0, time - group.clock)
    return group.now + passed - floor(passed / CATCH_UP)
end

local function notePause(time)
    local pause = time - group.now
    if pause < PAUSE_MINIMUM then return end
    if pause < group.resumedAt - group.pausedAt and group.now - group.resumedAt < group.timeToLive then return end
    group.pausedAt, group.resumedAt = group.now, time
end

local function advance(time)
    local later = accountTime(time)
    notePause(later)
    group.now, group.clock = later, time
    advanceBudget(PRODUCT, group.product, group.now)
    return group.now
end

local function tenantTemplates()
    touched = prefix .. 'plan'
    return (unpackTemplates(call('GET', touched) or pack('<d', 0), 1))
end

-- The key of a tenant's budget is kept as long as something in it may count: `group.keep`. One that cannot be read
-- begins anew, and one of another type, too: for that there is an error in the place of a text, and no budget can be
-- read from it.
local function tenantBudget(tenant)
    local budget = tenants[tenant]
    if budget then return budget end
    local packed = attempt('GET', prefix .. 'tenant:' .. tenant)
    local isReadable
    if packed then isReadable, budget = pcall(unpackBudget, packed, 1) end
    if not isReadable or group.now - budget.touched > group.tenantIdle then
        budget = newBudget(tenant, tenantTemplates())
    end
    advanceBudget(tenant, budget, group.now)
    if budget.revision ~= group.revision then
        configure(tenant, budget, tenantTemplates(), group.now)
        budget.revision = group.revision
    end
    tenants[tenant] = budget
    return budget
end

local function budgetOf(scope)
    if scope == PRODUCT then return group.product end
    return tenantBudget(scope)
end
