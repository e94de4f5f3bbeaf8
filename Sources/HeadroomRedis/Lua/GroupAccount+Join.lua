-- SPDX-License-Identifier: Apache-2.0
-- Takes an instance in: its settings, its permits, and what it spent, if the account does not know that.

-- The limits of a plan, and their text in the request, by which plans are compared.
local function takeTemplates()
    local from, templates = at, nil
    templates, at = unpackTemplates(request, at)
    return templates, string.sub(request, from, at - 1)
end

local function longest(templates, least)
    for _, template in ipairs(templates) do
        if template[2] == ROLLING then least = max(least, 2 * template[3]) end
    end
    return least
end

local function newGroup(epoch, time)
    local group = { epoch = epoch, now = time, clock = time, holdUntil = 0, demand = 0, queue = { last = 0, delay = 0 },
        urgent = 0, members = 0, suspects = 0, departed = 0, departedAt = 0, expiryDueAt = 0, revision = 0,
        pausedAt = 0, resumedAt = 0, keptAt = 0, product = newBudget(PRODUCT, {}) }
    group.product.isLearned = false
    return group
end

-- Takes the settings from the request. Returns the limits of the product.
local function takeSettings(isNew)
    group.timeToLive, group.tolerance = takeNumber(), takeNumber()
    group.floors = { takeNumber(), takeNumber(), 0 }
    local productTemplates = takeTemplates()
    local templates, plan = takeTemplates()
    group.tenantIdle = longest(templates, TENANT_IDLE)
    group.keep = longest(productTemplates, group.tenantIdle)
    touched = prefix .. 'plan'
    if call('GET', touched) ~= plan then
        if not isNew or #templates > 0 then group.revision = group.revision + 1 end
        call('SET', touched, plan, 'PX', keyLife())
    end
    return productTemplates
end

-- The instance's permits as the request has them, by scope.
local function takePermitEntries()
    local permits = {}
    for _ = 1, takeNumber() do
        local tenant, count = takeText(), takeNumber()
        if count > 0 then permits[tenant] = (permits[tenant] or 0) + count end
    end
    return permits
end

local function spendBudgetAt(scope, count, time)
    for _, limit in ipairs(budgetOf(scope).limits) do spendLimitAt(scope, limit, count, time) end
end

-- Reads a list of calls spent at some time, and counts them if the account does not know them.
local function spendCalls(isUnknown, now)
    for _ = 1, takeNumber() do
        local tenant, age, count = takeText(), takeNumber(), takeNumber()
        if isUnknown then
            spendBudgetAt(PRODUCT, count, now - age)
            if tenant ~= PRODUCT then spendBudgetAt(tenant, count, now - age) end
        end
    end
end

-- The number of the newest backfill of an instance in this account; nil if there was none.
local function backfilledBy(id)
    touched = prefix .. 'recalled:' .. id
    local packed = call('GET', touched)
    if not packed or #packed ~= 16 then return nil end
    local epoch, backfillNumber = read('<dd', packed)
    return epoch == group.epoch and backfillNumber or nil
end

local function backfill(id, knownEpoch, isNew, now)
    local backfilled = backfilledBy(id)
    local isLost = knownEpoch ~= 0 and knownEpoch ~= group.epoch and not backfilled
    spendCalls(isLost, now)
    local backfillNumber = takeNumber()
    local isUnreported = not isLost and backfillNumber > (backfilled or 0)
    spendCalls(isUnreported, now)
    if not isLost and not isUnreported then return end
    call('SET', prefix .. 'recalled:' .. id, pack('<dd', group.epoch, backfillNumber), 'PX', keyLife())
    if isLost and isNew then group.product.learnsAt = now + floor(group.timeToLive / 4) + HORIZON end
end

local function forget(id, older)
    removeInstance(id, older)
    for tenant, count in pairs(older.permits) do
        giveBack(group.product, count)
        if tenant ~= PRODUCT then giveBack(tenantBudget(tenant), count) end
    end
end

local function restorePermits(tenant, count)
    group.product.outstanding = group.product.outstanding + count
    if tenant ~= PRODUCT then
        local budget = tenantBudget(tenant)
        budget.outstanding = budget.outstanding + count
    end
end

local function join(keys, arguments)
    local isKnown, problem = load(keys, arguments)
    if problem then return problem end
    takeHead()
    local id, weight, proposedEpoch, knownEpoch = takeText(), takeNumber(), takeNumber(), takeNumber()
    local isInFallback, time, isNew = takeNumber() == 1, clock(), not isKnown
    if isNew then group = newGroup(proposedEpoch, time) end
    local productTemplates = takeSettings(isNew)
    local now = advance(time)
    configure(PRODUCT, group.product, productTemplates, now)
    expireInstances()
    local permits = takePermitEntries()
    backfill(id, knownEpoch, isNew, now)

    local older = loadInstance(id)
    if group.departed > 0 and knownEpoch == group.epoch and not older then group.departed = group.departed - 1 end
    if older then forget(id, older) end
    local instance = { weight = weight, sequence = 0, repliedAt = 0, isWanting = false, startTag = 0, urgent = 0,
        permits = permits, reply = '' }
    for tenant, count in pairs(permits) do restorePermits(tenant, count) end
    renew(id, instance, isInFallback and now - suspectAfter() or now)
    countMembers()
    saveInstance(id, instance, true)
    save()
    local hasPaused = group.pausedAt > 0
    return { group.epoch, isNew and 1 or 0, instance.renewed + group.timeToLive - now,
        hasPaused and now - group.pausedAt or 0, hasPaused and now - group.resumedAt or 0, correlation }
end

join = guarded(join)
