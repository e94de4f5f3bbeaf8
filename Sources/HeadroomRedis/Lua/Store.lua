-- SPDX-License-Identifier: Apache-2.0
-- The group in Redis: how it is read and written, and what is said if it cannot be read. Swift has no such file.

-- Of the call under way: the group, its tenants' budgets as far as they are needed, and the length of the state in
-- Redis.
local group, tenants, stored
-- The newest state that was written, and what it means: need not be read if Redis still has the same.
local writtenState, writtenGroup

local function clock()
    if given > 0 then return given end
    local time = call('TIME')
    return time[1] * 1000000 + time[2]
end

-- Milliseconds that a key is kept unused.
local function keyLife()
    return floor((group.keep + KEEP_INTERVAL) / 1000)
end

local function unreadable(what)
    return redis.error_reply('UNREADABLE ' .. what
        .. ' is not what this library writes; it was not touched. Delete all keys ' .. prefix .. '* to begin anew')
end

-- The operation, such that an error in it says what to do if something else has written to a key; an error of Redis
-- stays as it is.
local function guarded(operation)
    return function(keys, arguments)
        local isDone, answer = pcall(operation, keys, arguments)
        if isDone then return answer end
        if string.find(answer, '^WRONGTYPE ') then return unreadable('the type of ' .. touched) end
        if string.find(answer, '^user_%a+:') then
            return redis.error_reply('UNREADABLE the account or the request cannot be read, last at ' .. touched
                .. ' (' .. answer .. '). If it stays so, delete all keys ' .. prefix .. '* to begin anew')
        end
        return redis.error_reply(answer)
    end
end

local function packGroup()
    local queue, floors = group.queue, group.floors
    return pack(GROUP_FORM, VERSION, group.epoch, group.now, group.clock, group.holdUntil, group.demand, queue.last,
        queue.delay, group.urgent, group.members, group.suspects, group.departed, group.departedAt, group.expiryDueAt,
        group.revision, group.pausedAt, group.resumedAt, group.timeToLive, group.tolerance, floors[1], floors[2],
        group.tenantIdle, group.keep, group.keptAt) .. packBudget(group.product)
end

local function unpackGroup(packed)
    local version, epoch, now, clock, holdUntil, demand, last, delay, urgent, members, suspects, departed, departedAt,
        expiryDueAt, revision, pausedAt, resumedAt, timeToLive, tolerance, background, normal, tenantIdle, keep, keptAt,
        next = read(GROUP_FORM, packed)
    group = { epoch = epoch, now = now, clock = clock, holdUntil = holdUntil, demand = demand,
        queue = { last = last, delay = delay }, urgent = urgent, members = members, suspects = suspects,
        departed = departed, departedAt = departedAt, expiryDueAt = expiryDueAt, revision = revision,
        pausedAt = pausedAt, resumedAt = resumedAt, timeToLive = timeToLive, tolerance = tolerance,
        floors = { background, normal, 0 }, tenantIdle = tenantIdle, keep = keep, keptAt = keptAt,
        product = unpackBudget(packed, next) }
    stored = #packed
end

-- Reads the group's state; false if there is none, nil and an error if it cannot be read.
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

local function save()
    local isKept = stored and group.now - group.keptAt < KEEP_INTERVAL
    if not isKept then group.keptAt = group.now end
    local packed = packGroup()
    if not isKept then
        call('SET', stateKey, packed, 'PX', keyLife())
        call('PEXPIRE', prefix .. 'plan', keyLife())
    elseif #packed == stored then
        call('SETRANGE', stateKey, 0, packed)
    else
        call('SET', stateKey, packed, 'KEEPTTL')
    end
    writtenState, writtenGroup = packed, group
    for tenant, budget in pairs(tenants) do
        call('SET', prefix .. 'tenant:' .. tenant, packBudget(budget), 'PX', keyLife())
    end
end
