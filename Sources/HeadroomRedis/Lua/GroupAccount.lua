-- SPDX-License-Identifier: Apache-2.0
-- The group: its time, its budgets, and its instances.

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

-- The group's instances: how they are kept, and how they end.

local function instanceKey(id)
    return prefix .. 'instance:' .. id
end

-- Behind the numbers: the instance's permits, by scope, and its last reply as it was.
local function packInstance(instance)
    local permits, count = '', 0
    for scope, granted in pairs(instance.permits) do
        permits, count = permits .. pack('<sd', scope, granted), count + 1
    end
    return pack(INSTANCE_FORM, instance.weight, instance.sequence, instance.repliedAt, instance.renewed,
        instance.isWanting and 1 or 0, instance.startTag, instance.urgent, count) .. permits .. instance.reply
end

local function unpackInstance(packed)
    local weight, sequence, repliedAt, renewed, isWanting, startTag, urgent, count, next = read(INSTANCE_FORM, packed)
    local permits = {}
    for _ = 1, count do
        local scope, granted
        scope, granted, next = read('<sd', packed, next)
        permits[scope] = granted
    end
    return { weight = weight, sequence = sequence, repliedAt = repliedAt, renewed = renewed, isWanting = isWanting == 1,
        startTag = startTag, urgent = urgent, permits = permits, reply = string.sub(packed, next) }
end

-- Nil if there is none, and if it cannot be read or is of another type: the instance joins again.
local function loadInstance(id)
    local packed = attempt('GET', instanceKey(id))
    if not packed then return nil end
    local isReadable, instance = pcall(unpackInstance, packed)
    return isReadable and instance or nil
end

-- A key keeps its time to live from its last renewal.
local function saveInstance(id, instance, isRenewed)
    if isRenewed then
        call('SET', instanceKey(id), packInstance(instance), 'PX', keyLife())
    else
        call('SET', instanceKey(id), packInstance(instance), 'KEEPTTL')
    end
end

local function renew(id, instance, time)
    instance.renewed = time
    touched = prefix .. 'instances'
    call('ZADD', touched, string.format('%.0f', time), id)
    call('PEXPIRE', touched, keyLife())
end

local function suspectAfter()
    local quarter = floor(group.timeToLive / 4)
    return quarter + min(RENEWAL, quarter) + min(SUSPECT_AFTER, floor(quarter / 2))
end

local function removeInstance(id, instance)
    call('DEL', instanceKey(id))
    touched = prefix .. 'instances'
    call('ZREM', touched, id)
    if not instance then return end
    if instance.isWanting then group.demand = group.demand - instance.weight end
    group.urgent = group.urgent - instance.urgent
end

local function finish(id, instance)
    removeInstance(id, instance)
    if not instance then return end
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

local function countMembers()
    touched = prefix .. 'instances'
    group.members = call('ZCARD', touched)
    group.suspects = call('ZCOUNT', touched, '-inf', string.format('%.0f', group.now - suspectAfter()))
end

local function noteDeparted(expired)
    local now = group.now
    if expired > 0 then group.departedAt = now end
    local mayCall = hasStrangers(group.product, now) and now - group.departedAt < DEPARTED_MAXIMUM
    group.departed = mayCall and min(group.departed + expired, group.members) or 0
end

local function expireInstances()
    local now = group.now
    if now < group.expiryDueAt then return end
    group.expiryDueAt = now + EXPIRY_INTERVAL
    touched = prefix .. 'instances'
    local expired = call('ZRANGEBYSCORE', touched, '-inf', string.format('%.0f', now - group.timeToLive), 'LIMIT', 0,
        EXPIRY_MAXIMUM + 1)
    for index = 1, min(#expired, EXPIRY_MAXIMUM) do finish(expired[index], loadInstance(expired[index])) end
    if #expired > EXPIRY_MAXIMUM then group.expiryDueAt = now end
    countMembers()
    noteDeparted(min(#expired, EXPIRY_MAXIMUM))
end
