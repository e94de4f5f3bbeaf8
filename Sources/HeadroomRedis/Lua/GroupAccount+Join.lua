-- SPDX-License-Identifier: Apache-2.0
-- Takes an instance in: its settings, its permits, and what it spent, if the account has not heard of that.

local function longest(templates, least)
    for _, template in ipairs(templates) do
        if template.kind == ROLLING then least = max(least, 2 * template.window) end
    end
    return least
end

local function newGroup(epoch, time)
    group = { now = time, clock = time, ahead = 0, holdUntil = 0, demand = 0, queue = { last = 0, delay = 0 },
        urgent = 0, members = 0, suspects = 0, departed = 0, departedAt = 0, hasMoreExpired = false, revision = 0,
        keptAt = -KEEP_INTERVAL, alive = 0, instancePieces = 0, instancePiece = 0, tenantPieces = 0, tenantPiece = 0,
        tenantSwept = 0, expiredCount = 0, known = 0, instances = {}, tenants = {}, product = newBudget({}) }
    group.product.isLearned = false
    setEpoch(epoch)
end

-- The limits of a plan, and their text in the request, by which plans are compared.
local function takePlan()
    local from = at
    local templates = takeLimits()
    return templates, string.sub(request, from, at - 1)
end

-- Takes a plan from the request. Returns the limits of the product; nil if the plan is the one that is there.
local function takeSettings(isNew)
    local productTemplates, productPlan = takePlan()
    local templates, tenantPlan = takePlan()
    if productPlan == group.productPlan and tenantPlan == group.tenantPlan then return nil end
    if not isNew then group.revision = group.revision + 1 end
    group.productPlan, group.tenantPlan, group.templates = productPlan, tenantPlan, templates
    group.tenantIdle = longest(templates, TENANT_IDLE)
    group.keep = longest(productTemplates, group.tenantIdle)
    return productTemplates
end

-- The instance's permits as the request has them, by scope.
local function takePermitEntries()
    local permits = {}
    for _ = 1, takeNumber() do
        local tenant, count = takeTenantPermits()
        if count > 0 then permits[tenant] = (permits[tenant] or 0) + count end
    end
    return permits
end

local function spendBudgetAt(scope, limits, count, time)
    for index = 1, #limits do
        local limit = limits[index]
        if limit.kind ~= PACED then spendLimitAt(scope, limit, count, time) end
    end
end

-- The history has the newest reports first: what the account has heard of, it has from there on.
local function catchUp(known, isNew, now)
    local limits = group.product.limits
    for _ = 1, takeNumber() do
        local tenant, age, count, report = takeSpentCalls()
        if report <= known then break end
        spendBudgetAt(PRODUCT, limits, count, now - age)
        if tenant ~= PRODUCT then spendBudgetAt(tenant, tenantBudget(tenant).limits, count, now - age) end
    end
    if isNew then
        group.product.learnsAt, group.product.hasNewState = now + floor(group.timeToLive / 4) + HORIZON, true
    end
end

local function noteSuspect(older, isInFallback, now)
    local wasSuspect = older and older.renewed + suspectAfter() <= now
    group.suspects = max(0, group.suspects + isInFallback - (wasSuspect and 1 or 0))
end

local function forget(id, older)
    removeInstance(id, older)
    for tenant, count in pairs(older.permits) do
        giveBack(group.product, count)
        if tenant ~= PRODUCT then giveBack(tenantBudget(tenant), count) end
    end
end

local function restoreBudgetPermits(budget, count)
    budget.outstanding, budget.hasNewPermits = budget.outstanding + count, true
end

local function restorePermits(tenant, count)
    restoreBudgetPermits(group.product, count)
    if tenant ~= PRODUCT then restoreBudgetPermits(tenantBudget(tenant), count) end
end

local function join()
    local problem = missingRights()
    if problem then return problem end
    local isKnown
    isKnown, problem = load()
    if problem then return problem end
    local id, weight, proposedEpoch, knownEpoch, sequence, isInFallback, timeToLive, tolerance, background, normal =
        takeJoin()
    local time, isNew = clock(), not isKnown
    local known = isKnown and reportsHeard(id) or 0
    if sequence < known then return unchanged({ group.epoch, 0, 0, 0, correlation }) end
    if isNew then newGroup(proposedEpoch, time) end
    group.timeToLive, group.tolerance, group.backgroundFloor, group.normalFloor = timeToLive, tolerance, background,
        normal
    local productTemplates = takeSettings(isNew)
    local before = group.now
    local now = advance(time)
    if productTemplates then configure(PRODUCT, group.product, productTemplates, now) end
    expireInstances(before)
    local permits = takePermitEntries()
    local older = loadInstance(id)
    -- One that was here, and that the account knows nothing of: an older copy of itself, or a record is lost.
    if known == 0 and knownEpoch == group.epoch and isInRoster(INSTANCES, id) then lose() end
    if knownEpoch ~= 0 then catchUp(known, isNew, now) end
    if group.departed > 0 and knownEpoch == group.epoch and not older then group.departed = group.departed - 1 end
    noteSuspect(older, isInFallback, now)
    if older then forget(id, older) end
    local instance = { weight = weight, sequence = sequence, hasReplied = false, isWanting = false, startTag = 0,
        urgent = 0, repliedRevision = 0, repliedWants = 0,
        permits = permits, reply = '' }
    for tenant, count in pairs(permits) do restorePermits(tenant, count) end
    instance.renewed = isInFallback == 1 and now - suspectAfter() or now
    addInstance(id, instance)
    saveInstance(id, instance)
    commit()
    return { group.epoch, isNew and 1 or 0, instance.renewed + group.timeToLive - now,
        knownEpoch == group.epoch and max(0, sequence - 1 - known) or 0, correlation }
end
