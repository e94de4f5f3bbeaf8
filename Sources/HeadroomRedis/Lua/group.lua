-- SPDX-License-Identifier: Apache-2.0
-- The group: its budgets, kept in Redis, and its instances.

local GROUP_FORM, INSTANCE_FORM = '<Bddddddddddddddddddddddd', '<dddddddd'
-- Of the call under way: the group, its tenants' budgets as far as they are needed, and how long the state is in Redis.
local group, tenants, stored
-- The newest state that was written, and what it means: need not be read where Redis still has the same.
local writtenState, writtenGroup

local function clock()
    if given > 0 then return given end
    local time = call('TIME')
    return time[1] * 1000000 + time[2]
end

-- Milliseconds that a key is kept unused.
local function keep()
    return floor((group.keep + KEEP_INTERVAL) / 1000)
end

local function unreadable(what)
    return redis.error_reply('UNREADABLE ' .. what .. ' is not what this library writes; it was not touched. Delete all keys '
        .. prefix .. '* to begin anew')
end

-- The operation, such that an error in it says what to do where something else has written to a key; a refusal of Redis
-- stays as it is.
local function guarded(operation)
    return function(keys, arguments)
        local isDone, answer = pcall(operation, keys, arguments)
        if isDone then return answer end
        if string.find(answer, '^WRONGTYPE ') then return unreadable('the type of ' .. touched) end
        if string.find(answer, '^user_%a+:') then
            return redis.error_reply('UNREADABLE the account or the request cannot be read, last at ' .. touched .. ' (' .. answer
                .. '). Where it stays so, delete all keys ' .. prefix .. '* to begin anew')
        end
        return redis.error_reply(answer)
    end
end

local function unpackGroup(packed)
    local version, epoch, now, clock, holdUntil, demand, last, delay, urgent, members, suspects, departed, departedAt, expiryDueAt, revision,
        pausedAt, resumedAt, timeToLive, tolerance, background, normal, tenantIdle, kept, keptAt, next = read(GROUP_FORM, packed)
    group = { epoch = epoch, now = now, clock = clock, holdUntil = holdUntil, demand = demand, last = last, delay = delay, urgent = urgent,
        members = members, suspects = suspects, departed = departed, departedAt = departedAt, expiryDueAt = expiryDueAt, revision = revision, pausedAt = pausedAt, resumedAt = resumedAt, timeToLive = timeToLive,
        tolerance = tolerance, floors = { background, normal, 0 }, tenantIdle = tenantIdle, keep = kept, keptAt = keptAt,
        product = readBudget(packed, next) }
    stored = #packed
end

-- Reads the group's state; false where there is none, nil and an error where it cannot be read.
local function load(keys, arguments)
    begin(keys, arguments)
    tenants, stored = {}, nil
    local packed = call('GET', stateKey)
    if not packed then return false end
    if packed == writtenState then
        group, stored = writtenGroup, #packed
    elseif string.byte(packed) ~= VERSION then
        return nil, redis.error_reply('VERSION the account in ' .. stateKey .. ' was not written by version ' .. VERSION
            .. ' of this library; it was not touched')
    elseif not pcall(unpackGroup, packed) then
        return nil, unreadable('the account in ' .. stateKey)
    end
    -- From here on the group changes: should the call fail, what is in Redis counts.
    writtenState, writtenGroup = nil, nil
    return true
end

-- What time it is for the account when the clock says `time`.
local function reckoned(time)
    if time >= group.now then return time end
    local passed = max(0, time - group.clock)
    return group.now + passed - floor(passed / CATCH_UP)
end

local function advance(time)
    local later = reckoned(time)
    local pause = later - group.now
    if pause >= PAUSE and (pause >= group.resumedAt - group.pausedAt or group.now - group.resumedAt >= group.timeToLive) then
        group.pausedAt, group.resumedAt = group.now, later
    end
    group.now, group.clock = later, time
    advanceBudget(PRODUCT, group.product, group.now)
    return group.now
end

local function tenantTemplates()
    touched = prefix .. 'plan'
    return (readTemplates(call('GET', touched) or pack('<d', 0), 1))
end

-- The key of a tenant's budget is kept as long as something in it may count: `group.keep`. One that cannot be read
-- begins anew, and one of another type, too: for that there is an error in the place of a text, and no budget can be
-- read from it.
local function tenantBudget(tenant)
    local budget = tenants[tenant]
    if budget then return budget end
    local packed = attempt('GET', prefix .. 'tenant:' .. tenant)
    local isReadable
    if packed then isReadable, budget = pcall(readBudget, packed, 1) end
    if not isReadable or group.now - budget.touched > group.tenantIdle then
        budget = newBudget(fromTemplates(tenant, tenantTemplates()))
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

local function save()
    local isKept = stored and group.now - group.keptAt < KEEP_INTERVAL
    if not isKept then group.keptAt = group.now end
    local packed = pack(GROUP_FORM, VERSION, group.epoch, group.now, group.clock, group.holdUntil, group.demand, group.last, group.delay,
        group.urgent, group.members, group.suspects, group.departed, group.departedAt, group.expiryDueAt, group.revision, group.pausedAt, group.resumedAt, group.timeToLive, group.tolerance,
        group.floors[1], group.floors[2], group.tenantIdle, group.keep, group.keptAt) .. packBudget(group.product)
    if not isKept then
        call('SET', stateKey, packed, 'PX', keep())
        call('PEXPIRE', prefix .. 'plan', keep())
    elseif #packed == stored then
        call('SETRANGE', stateKey, 0, packed)
    else
        call('SET', stateKey, packed, 'KEEPTTL')
    end
    writtenState, writtenGroup = packed, group
    for tenant, budget in pairs(tenants) do
        call('SET', prefix .. 'tenant:' .. tenant, packBudget(budget), 'PX', keep())
    end
end

local function instanceKey(id)
    return prefix .. 'instance:' .. id
end

-- Behind the numbers: what it holds, by scope, and its last reply as it was.
local function unpackInstance(packed)
    local weight, sequence, repliedAt, renewed, wanting, ticket, urgent, count, next = read(INSTANCE_FORM, packed)
    local permits = {}
    for _ = 1, count do
        local scope, granted
        scope, granted, next = read('<sd', packed, next)
        permits[scope] = granted
    end
    return { weight = weight, sequence = sequence, repliedAt = repliedAt, renewed = renewed, wanting = wanting == 1,
        ticket = ticket, urgent = urgent, permits = permits, reply = string.sub(packed, next) }
end

-- Nil where there is none, and where it cannot be read or is of another type: the instance joins again.
local function loadInstance(id)
    local packed = attempt('GET', instanceKey(id))
    if not packed then return nil end
    local isReadable, instance = pcall(unpackInstance, packed)
    return isReadable and instance or nil
end

-- A key keeps its time to live from its last renewal.
local function saveInstance(id, instance, isRenewed)
    local permits, count = '', 0
    for scope, granted in pairs(instance.permits) do
        permits, count = permits .. pack('<sd', scope, granted), count + 1
    end
    local packed = pack(INSTANCE_FORM, instance.weight, instance.sequence, instance.repliedAt, instance.renewed,
        instance.wanting and 1 or 0, instance.ticket, instance.urgent, count) .. permits .. instance.reply
    if isRenewed then
        call('SET', instanceKey(id), packed, 'PX', keep())
    else
        call('SET', instanceKey(id), packed, 'KEEPTTL')
    end
end

local function renew(id, instance, time)
    instance.renewed = time
    touched = prefix .. 'instances'
    call('ZADD', touched, string.format('%.0f', time), id)
    call('PEXPIRE', touched, keep())
end

local function removeInstance(id, instance)
    call('DEL', instanceKey(id))
    touched = prefix .. 'instances'
    call('ZREM', touched, id)
    if not instance then return end
    if instance.wanting then group.demand = group.demand - instance.weight end
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

local function suspectAfter()
    local quarter = floor(group.timeToLive / 4)
    return quarter + min(RENEWAL, quarter) + min(SUSPECT_AFTER, floor(quarter / 2))
end

local function countMembers()
    touched = prefix .. 'instances'
    group.members = call('ZCARD', touched)
    group.suspects = call('ZCOUNT', touched, '-inf', string.format('%.0f', group.now - suspectAfter()))
end

local function expireInstances()
    local now = group.now
    if now < group.expiryDueAt then return end
    group.expiryDueAt = now + EXPIRY_INTERVAL
    touched = prefix .. 'instances'
    local suspects = call('ZRANGEBYSCORE', touched, '-inf', string.format('%.0f', now - group.timeToLive), 'LIMIT', 0,
        EXPIRY_MAXIMUM + 1)
    for index = 1, min(#suspects, EXPIRY_MAXIMUM) do finish(suspects[index], loadInstance(suspects[index])) end
    if #suspects > EXPIRY_MAXIMUM then group.expiryDueAt = now end
    countMembers()
    local forgotten = min(#suspects, EXPIRY_MAXIMUM)
    if forgotten > 0 then group.departedAt = now end
    local mayCall = hasStrangers(group.product, now) and now - group.departedAt < ABSENCE
    group.departed = mayCall and min(group.departed + forgotten, group.members) or 0
end
