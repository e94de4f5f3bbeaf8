-- SPDX-License-Identifier: Apache-2.0
-- Renews the instance, settles, takes in observations and 429s, and reserves: in this order.

local function settleBudget(budget, returned, spent, accepted)
    giveBack(budget, returned)
    spendBudget(budget, spent)
    acceptBudget(budget, accepted, group.tolerance, now)
    settleBudgetDrift(budget, now)
end

local function settle()
    local tenant, spent, accepted, unused
    tenant, spent, accepted, unused, at = read('<sddd', request, at)
    local permits = instance.permits[tenant] or 0
    local returned = min(permits, spent + unused)
    instance.permits[tenant] = permits > returned and permits - returned or nil
    settleBudget(group.product, returned, spent, accepted)
    if tenant ~= PRODUCT then settleBudget(tenantBudget(tenant), returned, spent, accepted) end
end

local function observe()
    local scope, name, kind, window, capacity, used, mark, expiry, date, age
    scope, name, kind, window, capacity, used, mark, expiry, date, age, at = read('<ssdddddddd', request, at)
    observeBudget(budgetOf(scope), scope, name, kind, window, capacity, used, mark, expiry, date, age, now)
end

local function reject(jitter)
    local scope, name, count, mark, retryAfter
    scope, name, count, mark, retryAfter, at = read('<ssddd', request, at)
    rejectBudget(budgetOf(scope), name, count, mark, retryAfter, jitter, now)
end

-- What is said of a want: permits, the first slot from now, the distance of slots, and what is short.
local function packGrant(count, slot, spacing, shortage)
    if not shortage then return pack('<ddddddss', count, slot, spacing, UNSHORT, 0, 0, PRODUCT, '') end
    return pack('<ddddddss', count, slot, spacing, shortage[CAUSE], shortage[RETRY_IN], shortage[AVAILABLE_IN],
        shortage[SHORT_SCOPE], shortage[SHORT_NAME])
end

local function packGauge(scope, limit, outstanding)
    local kind = limit[KIND]
    local isPaced = kind == PACED
    return pack('<ssddddddd', scope, limit[NAME], kind, limit[CAPACITY], isPaced and 0 or limit[SPENT] + outstanding,
        effectiveDrift(limit, now), isPaced and limit[CUSHION] or cushionCalls(limit),
        max(0, limit[PAUSED_UNTIL] - now), kind == DAILY and limit[RESETS_AT] - now or 0)
end

local function noteWanting(isWanting)
    if instance.isWanting == isWanting then return end
    instance.isWanting = isWanting
    group.demand = group.demand + (isWanting and instance.weight or -instance.weight)
end

-- Reserves what is wanted, and appends to the reply what is granted. Returns the scopes of the budgets that were asked.
local function reserveAll(wants, reply)
    local isWanting, scopes, seen = false, { PRODUCT }, {}
    if instance.urgent > 0 then noteUrgent(-instance.urgent) end
    for _ = 1, wants do
        local tenant, priority, wanted
        tenant, priority, wanted, at = read('<sdd', request, at)
        local count, slot, spacing, shortage = reserve(tenant, priority, wanted)
        isWanting = isWanting or count < wanted
        reply[#reply + 1] = packGrant(count, slot, spacing, shortage)
        if tenant ~= PRODUCT and not seen[tenant] then
            seen[tenant] = true
            scopes[#scopes + 1] = tenant
        end
    end
    noteWanting(isWanting)
    return scopes
end

-- Appends to the reply the limits of some budgets.
local function packGauges(scopes, reply)
    for place = 1, #scopes do
        local budget = budgetOf(scopes[place])
        local limits = budget.limits
        for index = 1, #limits do reply[#reply + 1] = packGauge(scopes[place], limits[index], budget.outstanding) end
    end
end

local function exchange(keys, arguments)
    local isKnown, problem = load(keys, arguments)
    if problem then return problem end
    local epoch, sequence, jitter, isLast, settlements, observations, rejections, wants, id
    given, correlation, epoch, sequence, jitter, isLast, pooled, settlements, observations, rejections, wants, id, at =
        read('<ddddddddddds', request)
    if not isKnown or epoch ~= group.epoch then return { 0, correlation } end
    instance = loadInstance(id)
    if not instance then return { 0, correlation } end
    local time = clock()

    -- The reply is repeated as it was, with the time that has passed since.
    if sequence == instance.sequence and #instance.reply > 0 then
        return { 1, accountTime(time) - instance.repliedAt, instance.reply, correlation }
    end
    if sequence ~= instance.sequence + 1 then return { 0, correlation } end

    now, taken, hasQueued = advance(time), 0, false
    local isRenewed = now - instance.renewed >= min(RENEWAL, floor(group.timeToLive / 4))
    if isRenewed then renew(id, instance, now) end
    expireInstances()
    for _ = 1, settlements do settle() end
    for _ = 1, observations do observe() end
    for _ = 1, rejections do reject(jitter) end
    settleBudgetDrift(group.product, now)
    local parts = { pack('<ddd', instance.renewed + group.timeToLive - now, max(1, group.members), wants) }
    packGauges(reserveAll(wants, parts), parts)

    local reply = table.concat(parts)
    if isLast == 1 then
        finish(id, instance)
    else
        instance.sequence, instance.reply, instance.repliedAt = sequence, reply, now
        saveInstance(id, instance, isRenewed)
    end
    save()
    return { 1, 0, reply, correlation }
end

exchange = guarded(exchange)
