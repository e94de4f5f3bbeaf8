-- SPDX-License-Identifier: Apache-2.0
-- The group: its time, its budgets, and how its instances end.

local function accountTime(time)
    if time >= group.now then return time end
    local passed = max(0, time - group.clock)
    return group.now + passed - floor(passed / CATCH_UP)
end

local function advance(time)
    group.now, group.clock = accountTime(time), time
    advanceBudget(PRODUCT, group.product, group.now)
    return group.now
end

local function tenantTemplates()
    if not group.templates then
        local outerRequest, outerAt = request, at
        request, at = group.tenantPlan, 1
        group.templates = takeLimits()
        request, at = outerRequest, outerAt
    end
    return group.templates
end

local function tenantBudget(tenant)
    local budget = group.tenants[tenant]
    if budget then return budget end
    local packed = fetch('t:' .. tenant)
    if packed then
        budget = parsed(unpackTenant, packed)
        if group.now - budget.touched > group.tenantIdle then
            emptyRings(tenant, budget.limits)
            budget = newBudget(tenantTemplates())
        end
    else
        budget = newBudget(tenantTemplates())
        addName(TENANTS, tenant)
    end
    advanceBudget(tenant, budget, group.now)
    if budget.revision ~= group.revision then
        configure(tenant, budget, tenantTemplates(), group.now)
        budget.revision = group.revision
    end
    group.tenants[tenant] = budget
    return budget
end

local function budgetOf(scope)
    if scope == PRODUCT then return group.product end
    return tenantBudget(scope)
end

local function suspectAfter()
    local quarter = floor(group.timeToLive / 4)
    return quarter + min(SUSPECT_AFTER, floor(quarter * 3 / 2))
end

local function removeInstance(id, instance)
    remove('i:' .. id)
    removeName(INSTANCES, instance.piece, id)
    group.instances[id], group.known, group.alive = nil, group.known - 1, group.alive - 1
    if instance.isWanting then group.demand = group.demand - instance.weight end
    group.urgent = group.urgent - instance.urgent
end

local function finish(id, instance)
    removeInstance(id, instance)
    for tenant, count in pairs(instance.permits) do
        giveBack(group.product, count)
        spendBudget(group.product, count)
        if tenant ~= PRODUCT then
            local budget = tenantBudget(tenant)
            giveBack(budget, count)
            spendBudget(budget, count)
        end
    end
end

-- The expired instances are kept 16 to a field, in a ring of fields: a new one takes the place of the oldest.
local function noteExpired(id, sequence)
    local count = group.expiredCount
    local field = 'expired:' .. floor(count / EXPIRED_DROPPED) % EXPIRED_PIECES
    local before = count % EXPIRED_DROPPED > 0 and string.sub(fetchKept(field), STAMP + 1) or ''
    put(field, before .. pack(EXPIRED_FORM, id, sequence))
    group.expiredCount, group.hasChanged = count + 1, true
end

-- The number of an instance's last report that the account has heard; nil if it knows of none.
local function reportsHeard(id)
    local alive = loadInstance(id)
    if alive then return alive.sequence end
    local fields, newest = {}, floor((group.expiredCount - 1) / EXPIRED_DROPPED)
    for piece = newest, max(0, newest - EXPIRED_PIECES + 1), -1 do
        fields[#fields + 1] = 'expired:' .. piece % EXPIRED_PIECES
    end
    for _, packed in ipairs(fetchAll(fields)) do
        -- Most have not expired here: that is seen without a look at each.
        local from, found = string.find(packed, id, 1, true) and STAMP + 1 or #packed + 1, nil
        while from <= #packed do
            local expired, sequence
            expired, sequence, from = read(EXPIRED_FORM, packed, from)
            if expired == id then found = sequence end
        end
        if found then return found end
    end
    return nil
end

local function noteDeparted(expired)
    local now = group.now
    if expired > 0 then group.departedAt = now end
    local mayCall = hasStrangers(group.product, now) and now - group.departedAt < DEPARTED_MAXIMUM
    group.departed = mayCall and min(group.departed + expired, group.members) or 0
end

-- The instances alive and when each was renewed, in two lists.
local function renewals()
    local ids, fields, renewed = rosterNames(INSTANCES, 0, group.instancePieces - 1), {}, {}
    if #ids ~= group.alive then lose() end
    for place, id in ipairs(ids) do
        if not group.instances[id] then fields[#fields + 1], renewed[place] = 'i:' .. id, false end
    end
    local packed, next = fetchAll(fields), 1
    for place, id in ipairs(ids) do
        local instance = group.instances[id]
        if instance then
            renewed[place] = instance.renewed
        else
            if #packed[next] < RENEWED_END then lose() end
            renewed[place], next = read(RENEWED_FORM, packed[next], STAMP + 1), next + 1
        end
    end
    return ids, renewed
end

local function expireInstances(before)
    local now = group.now
    local isDue = floor(before / EXPIRY_INTERVAL) ~= floor(now / EXPIRY_INTERVAL)
    if not (isDue or group.hasMoreExpired) then return end
    local ids, renewed = renewals()
    local ended, suspects, suspectBefore = {}, 0, now - suspectAfter()
    for place = 1, #ids do
        if renewed[place] <= suspectBefore then suspects = suspects + 1 end
        if renewed[place] + group.timeToLive <= now then
            ended[#ended + 1] = { id = ids[place], at = renewed[place] }
        end
    end
    table.sort(ended, function(left, right)
        return left.at < right.at or (left.at == right.at and left.id < right.id)
    end)
    local count = min(#ended, EXPIRY_MAXIMUM)
    for place = 1, count do
        local id = ended[place].id
        local expired = loadInstance(id)
        finish(id, expired)
        noteExpired(id, expired.sequence)
    end
    group.hasMoreExpired, group.hasSwept = #ended > count, true
    group.members, group.suspects = group.alive, suspects - count
    noteDeparted(count)
    forgetIdleTenants()
end
