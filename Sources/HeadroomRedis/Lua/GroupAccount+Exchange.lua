-- SPDX-License-Identifier: Apache-2.0
-- Renews the instance, settles, takes in observations and 429s, and reserves: in this order.

local function settleBudget(budget, returned, spent, accepted)
    giveBack(budget, returned)
    spendBudget(budget, spent)
    acceptBudget(budget, accepted, group.tolerance, now)
    settleBudgetDrift(budget, now)
end

local function settle()
    local tenant, spent, accepted, unused = takeSettlement()
    local permits = instance.permits[tenant] or 0
    local returned = min(permits, spent + unused)
    instance.permits[tenant] = permits > returned and permits - returned or nil
    local unnamed = returned < spent + unused and instance.permits[PRODUCT]
    if unnamed then
        local rest = min(unnamed, spent + unused - returned)
        instance.permits[PRODUCT] = unnamed > rest and unnamed - rest or nil
        giveBack(group.product, rest)
    end
    settleBudget(group.product, returned, spent, accepted)
    if tenant ~= PRODUCT then settleBudget(tenantBudget(tenant), returned, spent, accepted) end
end

local function observe()
    local scope, name, kind, window, capacity, used, mark, expiry, date, age = takeObservation()
    observeBudget(budgetOf(scope), scope, name, kind, window, capacity, used, mark, expiry, date, age, now)
end

local function reject(jitter)
    local scope, name, count, mark, retryAfter = takeRejection()
    rejectBudget(budgetOf(scope), name, count, mark, retryAfter, jitter, now)
end

-- The own counts before a grant, of a budget's limits that are not paced. Returns how many, too.
local function packMarks(budget, granted)
    local limits, marks, count = budget.limits, '', 0
    for index = 1, #limits do
        local limit = limits[index]
        if limit.kind ~= PACED then
            marks = marks .. pack(MARK_FORM, limit.spent + budget.outstanding - granted)
            count = count + 1
        end
    end
    return marks, count
end

-- What is said of a want: permits, the first slot from now, the distance of slots, what is short, and the marks.
local function packGrant(tenant, count, slot, apart, short)
    local marks, productMarks, tenantMarks = '', 0, 0
    if count > 0 then
        marks, productMarks = packMarks(group.product, count)
        if tenant ~= PRODUCT then
            local own
            own, tenantMarks = packMarks(tenantBudget(tenant), count)
            marks = marks .. own
        end
    end
    local granted = packGranted(count, slot, apart, short and short.cause or UNSHORT, productMarks, tenantMarks)
    if not short then return granted .. marks end
    return granted .. packShortage(short.retryIn, short.availableIn, short.scope, short.name) .. marks
end

local function packLimitGauge(scope, limit, outstanding)
    local kind = limit.kind
    local isPaced = kind == PACED
    return packGauge(scope, limit.name, kind, limit.capacity, isPaced and 0 or limit.spent + outstanding,
        effectiveDrift(limit, now), isPaced and limit.cushion or cushionCalls(limit),
        max(0, limit.pausedUntil - now), kind == DAILY and max(0, limit.resetsAt - now) or 0)
end

local function noteWanting(isWanting)
    if instance.isWanting == isWanting then return end
    instance.isWanting = isWanting
    group.demand = group.demand + (isWanting and instance.weight or -instance.weight)
end

-- Reserves what is wanted. Returns what is granted, packed, and the tenants that were asked for.
local function reserveAll(wants)
    local isWanting, parts, tenants = false, {}, {}
    if instance.urgent > 0 then noteUrgent(-instance.urgent) end
    for place = 1, wants do
        local tenant, priority, wanted = takeWant()
        local count, slot, apart, short = reserve(tenant, priority, wanted)
        isWanting = isWanting or count < wanted
        parts[place] = packGrant(tenant, count, slot, apart, short)
        if tenant ~= PRODUCT and not tenants[tenant] then tenants[tenant], tenants[#tenants + 1] = true, tenant end
    end
    noteWanting(isWanting)
    return table.concat(parts), tenants
end

local function appendGauges(parts, scope, budget)
    local limits = budget.limits
    for index = 1, #limits do parts[#parts + 1] = packLimitGauge(scope, limits[index], budget.outstanding) end
end

-- What was granted the first time, and the limits as they are.
local function repeated(time, settlements, observations, rejections, wants)
    for _ = 1, settlements do takeSettlement() end
    for _ = 1, observations do takeObservation() end
    for _ = 1, rejections do takeRejection() end
    now = group.now
    local hasMarks, parts, seen = instance.repliedRevision == group.revision and 1 or 0, {}, {}
    parts[1] = packReplyHead(group.timeToLive, max(1, group.members), wants, hasMarks)
    parts[2] = instance.reply
    appendGauges(parts, PRODUCT, group.product)
    for _ = 1, wants do
        local tenant = takeWant()
        local packed = tenant ~= PRODUCT and not seen[tenant] and fetch('t:' .. tenant)
        seen[tenant] = true
        if packed then appendGauges(parts, tenant, parsed(unpackTenant, packed)) end
    end
    return { 1, accountTime(time) - instance.renewed, table.concat(parts), correlation }
end

local function exchange()
    local isKnown, problem = load()
    if problem then return problem end
    local epoch, sequence, jitter, isLast, settlements, observations, rejections, wants, id
    epoch, sequence, jitter, isLast, pooled, settlements, observations, rejections, wants, id = takeExchange()
    if not isKnown then return { 0, correlation } end
    if epoch ~= group.epoch then return unchanged({ 0, correlation }) end
    instance = loadInstance(id)
    if not instance then return unchanged({ 0, correlation }) end
    local time = clock()
    if sequence == instance.sequence and instance.hasReplied and wants == instance.repliedWants then
        return unchanged(repeated(time, settlements, observations, rejections, wants))
    end
    if sequence ~= instance.sequence + 1 then return unchanged({ 0, correlation }) end

    local before = group.now
    now, taken, hasQueued = advance(time), 0, false
    instance.renewed = now
    expireInstances(before)
    for _ = 1, settlements do settle() end
    for _ = 1, observations do observe() end
    for _ = 1, rejections do reject(jitter) end
    settleBudgetDrift(group.product, now)
    local grants, tenants = reserveAll(wants)
    local parts = { packReplyHead(group.timeToLive, max(1, group.members), wants, 1), grants }
    appendGauges(parts, PRODUCT, group.product)
    for place = 1, #tenants do appendGauges(parts, tenants[place], tenantBudget(tenants[place])) end

    if isLast == 1 then
        finish(id, instance)
    else
        instance.sequence, instance.reply, instance.hasReplied = sequence, grants, true
        instance.repliedRevision, instance.repliedWants = wants > 0 and group.revision or 0, wants
        saveInstance(id, instance)
    end
    commit()
    return { 1, 0, table.concat(parts), correlation }
end
