-- SPDX-License-Identifier: Apache-2.0
-- Settles, renews the instance, takes in observations and 429s, and reserves: in this order.

local function settle(budget, returned, spent, accepted)
    giveBack(budget, returned)
    spendBudget(budget, spent)
    local limits = budget.limits
    for index = 1, #limits do acceptLimit(limits[index], accepted, group.tolerance, now) end
    settleBudget(budget, now)
end

local function exchange(keys, arguments)
    local known, refused = load(keys, arguments)
    if refused then return refused end
    if not known then return { 0 } end
    local given, epoch, sequence, jitter, isLast, held, settlements, observations, refusals, wants, id
    given, epoch, sequence, jitter, isLast, held, settlements, observations, refusals, wants, id, at = read('<dddddddddds', request, at)
    if epoch ~= group.epoch then return { 0 } end
    instance = loadInstance(id)
    if not instance then return { 0 } end
    local time = clock(given)

    -- The answer is told again as it was, with the time that has passed since.
    if sequence == instance.sequence and #instance.reply > 0 then
        return { 1, max(group.now, time) - instance.repliedAt, instance.reply }
    end
    if sequence ~= instance.sequence + 1 then return { 0 } end

    now, pooled, wasTold = advance(time), held, false
    local isRenewed = now - instance.renewed >= RENEWAL
    if isRenewed then renew(id, instance, now) end
    reap()

    -- Settles

    for _ = 1, settlements do
        local tenant, spent, accepted, unused
        tenant, spent, accepted, unused, at = read('<sddd', request, at)
        local has = instance.held[tenant] or 0
        local returned = min(has, spent + unused)
        instance.held[tenant] = has > returned and has - returned or nil
        settle(group.product, returned, spent, accepted)
        if tenant ~= PRODUCT then settle(tenantBudget(tenant), returned, spent, accepted) end
    end

    -- Takes in what the vendor said

    for _ = 1, observations do
        local scope, name, kind, window, capacity, used, mark, expiry, date, age
        scope, name, kind, window, capacity, used, mark, expiry, date, age, at = read('<ssdddddddd', request, at)
        local budget = budgetOf(scope)
        local limit = limitNamed(budget, name)
        if limit then
            learn(limit, capacity)
        elseif kind ~= 0 and kind ~= PACED and #budget.limits < MAXIMUM_LIMITS then
            limit = newLimit(scope, name, kind, window, 0, capacity, 0)
            budget.limits[#budget.limits + 1] = limit
            advanceLimit(scope, limit, now)
        end
        if limit and (expiry < 0 or resetDay(limit, date >= 0 and expiry + now - date - age or expiry, now)) then
            if used >= 0 and mark >= 0 and limit[KIND] ~= PACED then
                observeLimit(limit, used, mark, now, budget.outstanding)
                budget.learned = true
            end
        end
    end

    for _ = 1, refusals do
        local scope, name, count, mark, retryAfter
        scope, name, count, mark, retryAfter, at = read('<ssddd', request, at)
        local budget = budgetOf(scope)
        local limit = limitNamed(budget, name)
        if limit then
            refuseLimit(limit, count, mark, retryAfter, jitter, now, budget.outstanding)
        else
            pauseFirst(budget, retryAfter, jitter, now)
        end
    end
    settleBudget(group.product, now)

    -- Reserves

    local isWanting = false
    local scopes, seen = { PRODUCT }, {}
    local reply = { pack('<ddd', instance.renewed + group.timeToLive - now, max(1, group.members), wants) }
    group.urgent, instance.urgent = group.urgent - instance.urgent, 0
    for _ = 1, wants do
        local tenant, priority, wanted
        tenant, priority, wanted, at = read('<sdd', request, at)
        local count, slot, spacing, shortage = reserve(tenant, priority, wanted)
        isWanting = isWanting or count < wanted
        if shortage then
            reply[#reply + 1] = pack('<ddddddss', count, slot, spacing, shortage[CAUSE], shortage[RETRY_IN], shortage[AVAILABLE_IN],
                shortage[SHORT_SCOPE], shortage[SHORT_NAME])
        else
            reply[#reply + 1] = pack('<ddddddss', count, slot, spacing, UNSHORT, 0, 0, PRODUCT, '')
        end
        if tenant ~= PRODUCT and not seen[tenant] then
            seen[tenant] = true
            scopes[#scopes + 1] = tenant
        end
    end
    if instance.wanting ~= isWanting then
        instance.wanting = isWanting
        group.demand = group.demand + (isWanting and instance.weight or -instance.weight)
    end
    if not wasTold then instance.ticket = 0 end

    for _, scope in ipairs(scopes) do
        local budget = budgetOf(scope)
        local limits = budget.limits
        for index = 1, #limits do
            local limit = limits[index]
            local kind = limit[KIND]
            local isPaced = kind == PACED
            reply[#reply + 1] = pack('<ssddddddd', scope, limit[NAME], kind, limit[CAPACITY],
                isPaced and 0 or limit[SPENT] + budget.outstanding, effectiveDrift(limit, now),
                isPaced and limit[CUSHION] or cushionCalls(limit), max(0, limit[HELD_UNTIL] - now),
                kind == DAILY and limit[RESETS_AT] - now or 0)
        end
    end

    local told = table.concat(reply)
    if isLast == 1 then
        finish(id, instance)
    else
        instance.sequence, instance.reply, instance.repliedAt = sequence, told, now
        saveInstance(id, instance, isRenewed)
    end
    save()
    return { 1, 0, told }
end
