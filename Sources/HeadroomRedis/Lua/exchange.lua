-- SPDX-License-Identifier: Apache-2.0
-- Settles, renews the instance, takes in observations and 429s, and reserves: in this order.

local function settle(budget, returned, spent, accepted)
    giveBack(budget, returned)
    spendBudget(budget, spent)
    local limits = budget.limits
    for index = 1, #limits do acceptLimit(limits[index], accepted, group.tolerance, now) end
    settleBudget(budget, now)
end

local function settleAll(count)
    for _ = 1, count do
        local tenant, spent, accepted, unused
        tenant, spent, accepted, unused, at = read('<sddd', request, at)
        local permits = instance.permits[tenant] or 0
        local returned = min(permits, spent + unused)
        instance.permits[tenant] = permits > returned and permits - returned or nil
        settle(group.product, returned, spent, accepted)
        if tenant ~= PRODUCT then settle(tenantBudget(tenant), returned, spent, accepted) end
    end
end

-- What the vendor said of a limit, which comes into being where it was not known.
local function observed(budget, scope, name, kind, window, capacity)
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

local function observeAll(count)
    for _ = 1, count do
        local scope, name, kind, window, capacity, used, mark, expiry, date, age
        scope, name, kind, window, capacity, used, mark, expiry, date, age, at = read('<ssdddddddd', request, at)
        local budget = budgetOf(scope)
        local limit = observed(budget, scope, name, kind, window, capacity)
        if limit and (expiry < 0 or resetDay(limit, date >= 0 and expiry + now - date - age or expiry, now)) then
            if used >= 0 and mark >= 0 and limit[KIND] ~= PACED then
                observeLimit(limit, used, mark, now, budget.outstanding)
                budget.learned = true
            end
        end
    end
end

local function refuseAll(count, jitter)
    for _ = 1, count do
        local scope, name, calls, mark, retryAfter
        scope, name, calls, mark, retryAfter, at = read('<ssddd', request, at)
        local budget = budgetOf(scope)
        local limit = limitNamed(budget, name)
        if limit then
            refuseLimit(limit, calls, mark, retryAfter, jitter, now, budget.outstanding)
        else
            pauseFirst(budget, retryAfter, jitter, now)
        end
    end
end

-- What is said of a want: permits, the first slot from now, the distance of slots, and what is short.
local function packGrant(count, slot, spacing, short)
    if not short then return pack('<ddddddss', count, slot, spacing, UNSHORT, 0, 0, PRODUCT, '') end
    return pack('<ddddddss', count, slot, spacing, short[CAUSE], short[RETRY_IN], short[AVAILABLE_IN], short[SHORT_SCOPE],
        short[SHORT_NAME])
end

local function packGauge(scope, limit, outstanding)
    local kind = limit[KIND]
    local isPaced = kind == PACED
    return pack('<ssddddddd', scope, limit[NAME], kind, limit[CAPACITY], isPaced and 0 or limit[SPENT] + outstanding,
        effectiveDrift(limit, now), isPaced and limit[CUSHION] or cushionCalls(limit), max(0, limit[PAUSED_UNTIL] - now),
        kind == DAILY and limit[RESETS_AT] - now or 0)
end

-- Reserves what is wanted, and appends to the reply what is granted, then the gauges of all budgets that were asked.
local function reserveAll(wants, reply)
    local isWanting, scopes, seen = false, { PRODUCT }, {}
    group.urgent, instance.urgent = group.urgent - instance.urgent, 0
    for _ = 1, wants do
        local tenant, priority, wanted
        tenant, priority, wanted, at = read('<sdd', request, at)
        local count, slot, spacing, short = reserve(tenant, priority, wanted)
        isWanting = isWanting or count < wanted
        reply[#reply + 1] = packGrant(count, slot, spacing, short)
        if tenant ~= PRODUCT and not seen[tenant] then
            seen[tenant] = true
            scopes[#scopes + 1] = tenant
        end
    end
    if instance.wanting ~= isWanting then
        instance.wanting = isWanting
        group.demand = group.demand + (isWanting and instance.weight or -instance.weight)
    end
    for place = 1, #scopes do
        local budget = budgetOf(scopes[place])
        local limits = budget.limits
        for index = 1, #limits do reply[#reply + 1] = packGauge(scopes[place], limits[index], budget.outstanding) end
    end
end

local function exchange(keys, arguments)
    local known, refused = load(keys, arguments)
    if refused then return refused end
    local epoch, sequence, jitter, isLast, permits, settlements, observations, rejections, wants, id
    given, correlation, epoch, sequence, jitter, isLast, permits, settlements, observations, rejections, wants, id, at =
        read('<ddddddddddds', request)
    if not known or epoch ~= group.epoch then return { 0, correlation } end
    instance = loadInstance(id)
    if not instance then return { 0, correlation } end
    local time = clock()

    -- The answer is told again as it was, with the time that has passed since.
    if sequence == instance.sequence and #instance.reply > 0 then
        return { 1, reckoned(time) - instance.repliedAt, instance.reply, correlation }
    end
    if sequence ~= instance.sequence + 1 then return { 0, correlation } end

    now, pooled, taken, hasQueued = advance(time), permits, 0, false
    local isRenewed = now - instance.renewed >= min(RENEWAL, floor(group.timeToLive / 4))
    if isRenewed then renew(id, instance, now) end
    expireInstances()
    settleAll(settlements)
    observeAll(observations)
    refuseAll(rejections, jitter)
    settleBudget(group.product, now)
    local reply = { pack('<ddd', instance.renewed + group.timeToLive - now, max(1, group.members), wants) }
    reserveAll(wants, reply)

    local told = table.concat(reply)
    if isLast == 1 then
        finish(id, instance)
    else
        instance.sequence, instance.reply, instance.repliedAt = sequence, told, now
        saveInstance(id, instance, isRenewed)
    end
    save()
    return { 1, 0, told, correlation }
end

exchange = guarded(exchange)
