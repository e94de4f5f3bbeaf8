-- SPDX-License-Identifier: Apache-2.0
-- The group: its budgets, kept in Redis, and its instances.

local group
local tenants = {}

-- Milliseconds that a key is kept unused.
local function keep()
    return floor(group.keep / 1000)
end

local function clock(given)
    if given > 0 then return given end
    local time = call('TIME')
    return time[1] * 1000000 + time[2]
end

-- Reads the group's state; false where there is none.
local function load()
    local packed = call('GET', KEYS[1])
    if not packed then return false end
    group = cmsgpack.unpack(packed)
    if type(group) ~= 'table' or group.version ~= VERSION then
        return nil, redis.error_reply('VERSION the account in ' .. KEYS[1] .. ' was not written by version '
            .. VERSION .. ' of this library; it was not touched')
    end
    return true
end

local function advance(time)
    group.now = max(group.now, time)
    advanceBudget(PRODUCT, group.product, group.now)
    return group.now
end

-- The key of a tenant's budget is kept as long as something in it may count: `group.keep`.
local function tenantBudget(tenant)
    local budget = tenants[tenant]
    if budget then return budget end
    local packed = call('GET', prefix .. 'tenant:' .. tenant)
    budget = packed and cmsgpack.unpack(packed)
    if not budget or group.now - budget.touched > group.tenantIdle then
        budget = newBudget(fromTemplates(tenant, group.templates))
    end
    advanceBudget(tenant, budget, group.now)
    if budget.revision ~= group.revision then
        configure(tenant, budget, group.templates, group.now)
        budget.revision = group.revision
    end
    tenants[tenant] = budget
    return budget
end

local function budgetOf(scope)
    if scope == PRODUCT then return group.product end
    return tenantBudget(scope)
end

local function save()
    call('SET', KEYS[1], cmsgpack.pack(group), 'PX', keep())
    for tenant, budget in pairs(tenants) do
        call('SET', prefix .. 'tenant:' .. tenant, cmsgpack.pack(budget), 'PX', keep())
    end
end

local function loadInstance(id)
    local packed = call('GET', prefix .. 'instance:' .. id)
    return packed and cmsgpack.unpack(packed)
end

local function saveInstance(id, instance)
    call('SET', prefix .. 'instance:' .. id, cmsgpack.pack(instance), 'PX', keep())
end

local function renew(id, instance, now)
    instance.renewed = now
    call('ZADD', prefix .. 'instances', string.format('%.0f', now), id)
    call('PEXPIRE', prefix .. 'instances', keep())
end

local function removeInstance(id, instance)
    call('DEL', prefix .. 'instance:' .. id)
    call('ZREM', prefix .. 'instances', id)
    if instance and instance.wanting then group.demand = group.demand - instance.weight end
end

local function finish(id, instance)
    removeInstance(id, instance)
    if not instance then return end
    for tenant, count in pairs(instance.held) do
        giveBack(group.product, count)
        spendBudget(group.product, count)
        if tenant ~= PRODUCT then
            local budget = tenantBudget(tenant)
            giveBack(budget, count)
            spendBudget(budget, count)
        end
    end
end

local function reap()
    local now = group.now
    if now < group.reapAt then return end
    group.reapAt = now + REAP_INTERVAL
    local silent = call('ZRANGEBYSCORE', prefix .. 'instances', '-inf', string.format('%.0f', now - group.timeToLive), 'LIMIT', 0,
        REAP_MAXIMUM + 1)
    for index = 1, min(#silent, REAP_MAXIMUM) do finish(silent[index], loadInstance(silent[index])) end
    if #silent > REAP_MAXIMUM then group.reapAt = now end
end
