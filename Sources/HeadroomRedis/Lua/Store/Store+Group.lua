-- SPDX-License-Identifier: Apache-2.0
-- The group in Redis: how it is read at the beginning of an operation, and written at its end.

-- The accounts as the last operations on them left them, by key. Of one that Redis still has as it was left, nothing
-- needs to be read.
local accounts, accountCount = {}, 0

-- What the group's field begins with: the version, the epoch, and how many limits the product has.
local GROUP_FORM <const> = '<BI7B'

local function setEpoch(epoch)
    group.epoch, group.stamp = epoch, pack('<I4', epoch % 4294967296)
end

local function packGroup()
    local product, limits = group.product, group.product.limits
    return pack(GROUP_FORM, VERSION, group.epoch, #limits) .. packSettings(group) .. packBudget(product)
        .. concatenate(limits, 'packedHead') .. pack('<I4', #group.productPlan) .. group.productPlan .. group.tenantPlan
end

local function unpackGroup(packed)
    local _, epoch, count, next = read(GROUP_FORM, packed)
    group = { tenants = {}, instances = {}, known = 0, product = { limits = {} } }
    setEpoch(epoch)
    group.queue = {}
    next = records.unpackBudget(group.product, packed, records.unpackSettings(group, packed, next))
    for index = 1, count do group.product.limits[index], next = unpackHead(packed, next) end
    local length
    length, next = read('<I4', packed, next)
    group.productPlan, group.tenantPlan = string.sub(packed, next, next + length - 1), string.sub(packed, next + length)
end

local function unpackState(clocked, counted, seen, paused, swept)
    local limits = group.product.limits
    records.unpackClock(group, clocked, STAMP + 1)
    local atCount, atSeen, atPauses = records.unpackPermits(group.product, counted, STAMP + 1), STAMP + 1, STAMP + 1
    for index = 1, #limits do
        local limit = limits[index]
        atCount = unpackCount(limit, counted, atCount)
        atSeen = unpackSeen(limit, seen, atSeen)
        atPauses = unpackLimitPauses(limit, paused, atPauses)
    end
    records.unpackTurns(group, counted, atCount)
    records.unpackSweep(group, swept, STAMP + 1)
    group.clock, group.packedTurns = group.now - group.ahead, string.sub(counted, atCount)
    group.packedSweep = string.sub(swept, STAMP + 1)
end

-- Reads all of the group; false if there is none, nil and an error if it cannot be read.
local function loadWhole()
    group = nil
    local packed = call('HMGET', key, 'group', 'clock')
    if not packed[1] then
        if packed[2] then lose() end
        return false
    end
    if string.byte(packed[1]) ~= VERSION then
        return nil, redis.error_reply('VERSION the account in ' .. key .. ' was not written by version ' .. VERSION
            .. ' of this library; it was not touched')
    end
    if not pcall(unpackGroup, packed[1]) then return nil, unreadable('the account in ' .. key) end
    -- No roster has so many pieces: the number was damaged, and counting up to it would stop the server.
    if max(group.instancePieces, group.tenantPieces) > ROSTER_PIECES then lose() end
    local values = fetchAll({ 'clock', 'count', 'seen', 'pauses', 'sweep' })
    parsed(unpackState, unpack(values))
    group.packedClock = values[1]
    return true
end

-- The same, but what is known already is not read again.
local function load()
    changed = {}
    group, accounts[key] = accounts[key], nil
    -- From here on the group changes: should the call fail, what is in Redis counts.
    if group then
        accountCount = accountCount - 1
        if call('HMGET', key, 'clock')[1] == group.packedClock then return true end
    end
    return loadWhole()
end

-- Keeps the group as Redis has it now.
local function keepKnown()
    if accountCount >= KNOWN_ACCOUNTS then accounts, accountCount = {}, 0 end
    if group.known > KNOWN_INSTANCES then group.instances, group.known = {}, 0 end
    group.tenants = {}
    accounts[key], accountCount = group, accountCount + 1
end

-- The answer of an operation that changes nothing.
local function unchanged(answer)
    keepKnown()
    return answer
end

-- Collects what has changed of the group itself.
local function putGroup()
    local product, limits = group.product, group.product.limits
    putRings(PRODUCT, limits)
    local hasHeads, hasCounts, hasSeen, hasPauses = packLimits(limits)
    local turns, ahead = packTurns(group), group.now - group.clock
    if hasCounts or product.hasNewPermits or turns ~= group.packedTurns then
        put('count', packPermits(product) .. concatenate(limits, 'packedCount') .. turns)
    end
    if hasSeen then put('seen', concatenate(limits, 'packedSeen')) end
    if hasPauses then put('pauses', concatenate(limits, 'packedPauses')) end
    if group.hasSwept or ahead ~= group.ahead then
        group.ahead = ahead
        local swept = packSweep(group)
        if swept ~= group.packedSweep then put('sweep', swept) end
        group.packedSweep = swept
    end
    if hasHeads or product.hasNewState or group.hasChanged then changed.group = packGroup() end
    group.packedTurns, group.hasSwept, group.hasChanged = turns, false, false
    product.hasNewPermits, product.hasNewState = false, false
end

local function putTenants()
    for tenant, budget in pairs(group.tenants) do
        putRings(tenant, budget.limits)
        put('t:' .. tenant, packTenant(budget))
    end
end

-- Writes all that was collected. Every command that follows a write was tried before it: a right that is missing, a
-- memory that is full, a replica stop the operation before the first write.
local function commit()
    local isDue = group.now - group.keptAt >= KEEP_INTERVAL
    if isDue then group.keptAt, group.hasSwept = group.now, true end
    group.call = correlation % 16777216
    putGroup()
    putTenants()
    local packedClock = group.stamp .. packClock(group)
    local writes, removals = { 'clock', packedClock }, {}
    for field, packed in pairs(changed) do
        if packed then
            writes[#writes + 1], writes[#writes + 2] = field, packed
        else
            removals[#removals + 1] = field
        end
    end
    if isDue then call('PEXPIRE', key, keyLife()) end
    if #removals > 0 then call('HDEL', key, '') end
    for first = 1, #writes, WRITE_MAXIMUM do
        call('HSET', key, unpack(writes, first, min(#writes, first + WRITE_MAXIMUM - 1)))
    end
    for first = 1, #removals, WRITE_MAXIMUM do
        call('HDEL', key, unpack(removals, first, min(#removals, first + WRITE_MAXIMUM - 1)))
    end
    if isDue then call('PEXPIRE', key, keyLife()) end
    group.packedClock = packedClock
    keepKnown()
end

-- The operation, such that an error in it changes nothing and says what to do. An account of which a part is lost is
-- removed, and the operation finds none.
local function guarded(operation)
    local function run(keys, arguments)
        begin(keys, arguments)
        return operation()
    end
    local function attempted(body, ...)
        local isDone, answer = pcall(body, ...)
        if isDone then return true, answer end
        if type(answer) == 'table' then answer = answer.err end
        -- Redis 6 puts the place in the script in front of what a command says: `@user_script: 12: -OOM …`.
        return false, (string.gsub(answer, '^[@=][^:]*: %-?%d+: %-?', ''))
    end
    return function(keys, arguments)
        local isDone, answer = attempted(run, keys, arguments)
        if not isDone and answer == LOST then
            isDone, answer = attempted(call, 'PEXPIRE', key, 0)
            if isDone then isDone, answer = attempted(run, keys, arguments) end
        end
        if isDone then return answer end
        if isOfRights(answer) then return missingRights() or redis.error_reply(answer) end
        if string.find(answer, '^%-?WRONGTYPE ') then return unreadable('the type of ' .. key) end
        if string.find(answer, '^user_%a+:') then
            return redis.error_reply('UNREADABLE the account or the request cannot be read (' .. answer
                .. '). If it stays so, delete ' .. key .. ' to begin anew')
        end
        return redis.error_reply(answer)
    end
end
