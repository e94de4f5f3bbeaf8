-- SPDX-License-Identifier: Apache-2.0
-- Takes an instance in: its settings, what it holds, and what it spent if the account does not remember.

-- The limits of a plan, and their text in the request, by which plans are compared.
local function takeTemplates()
    local from, templates = at, nil
    templates, at = readTemplates(request, at)
    return templates, string.sub(request, from, at - 1)
end

local function longest(templates, least)
    for _, template in ipairs(templates) do
        if template[2] == ROLLING then least = max(least, 2 * template[3]) end
    end
    return least
end

-- The vendor had counted these calls of the day before we did: they are part of the drift that was seen.
local function backfillDay(limit, count)
    limit[SPENT], limit[MARK_SEEN] = limit[SPENT] + count, limit[MARK_SEEN] + count
    limit[DRIFT] = min(limit[DRIFT], max(0, limit[DRIFT] - count))
    limit[LOWEST] = min(limit[LOWEST], max(0, limit[LOWEST] - count))
end

local function spendAt(scope, limit, count, time)
    if limit[KIND] == DAILY then
        if time >= limit[RESETS_AT] - DAY then backfillDay(limit, count) end
    elseif limit[KIND] == ROLLING then
        local past = floor(time / cellSpan(limit))
        if past >= limit[CELL] then return spendLimit(limit, count) end
        if limit[CELL] - past >= CELLS then return end
        local key = ringKey(scope, limit)
        touched = key
        local before = ringCount(call('GETRANGE', key, 0, -1), past)
        local added = min(count, CELL_MAXIMUM - before)
        setRing(key, limit, past, before + added)
        limit[SPENT] = limit[SPENT] + added
    end
end

local function spendAll(scope, count, time)
    for _, limit in ipairs(budgetOf(scope).limits) do spendAt(scope, limit, count, time) end
end

-- Reads a list of calls spent at some time, and counts them where the account does not know them.
local function backfill(isUnknown, now)
    for _ = 1, takeNumber() do
        local tenant, age, count = take(), takeNumber(), takeNumber()
        if isUnknown then
            spendAll(PRODUCT, count, now - age)
            if tenant ~= PRODUCT then spendAll(tenant, count, now - age) end
        end
    end
end

-- The number of the newest telling of an instance to this account; nil where there was none.
local function toldBy(id)
    touched = prefix .. 'recalled:' .. id
    local packed = call('GET', touched)
    if not packed or #packed ~= 16 then return nil end
    local epoch, telling = read('<dd', packed)
    return epoch == group.epoch and telling or nil
end

local function holdPermits(tenant, count)
    group.product.outstanding = group.product.outstanding + count
    if tenant ~= PRODUCT then
        local budget = tenantBudget(tenant)
        budget.outstanding = budget.outstanding + count
    end
end

local function join(keys, arguments)
    local known, refused = load(keys, arguments)
    if refused then return refused end
    takeHead()
    local id, weight, proposed, knownEpoch, isAlone = take(), takeNumber(), takeNumber(), takeNumber(), takeNumber() == 1
    local time, isNew = clock(), not known
    if isNew then
        group = { epoch = proposed, now = time, clock = time, holdUntil = 0, demand = 0, last = 0, delay = 0, urgent = 0,
            members = 0, suspects = 0, departed = 0, departedAt = 0, expiryDueAt = 0, revision = 0, pausedAt = 0, resumedAt = 0, keptAt = 0, product = newBudget({}) }
        group.product.learned = false
    end
    group.timeToLive, group.tolerance = takeNumber(), takeNumber()
    group.floors = { takeNumber(), takeNumber(), 0 }
    local productTemplates = takeTemplates()
    local templates, plan = takeTemplates()
    group.tenantIdle = longest(templates, TENANT_IDLE)
    group.keep = longest(productTemplates, group.tenantIdle)
    touched = prefix .. 'plan'
    if call('GET', touched) ~= plan then
        if not isNew or #templates > 0 then group.revision = group.revision + 1 end
        call('SET', touched, plan, 'PX', keep())
    end

    local now = advance(time)
    configure(PRODUCT, group.product, productTemplates, now)
    expireInstances()

    local permits = {}
    for _ = 1, takeNumber() do
        local tenant, count = take(), takeNumber()
        if count > 0 then permits[tenant] = (permits[tenant] or 0) + count end
    end
    local told = toldBy(id)
    local isLost = knownEpoch ~= 0 and knownEpoch ~= group.epoch and not told
    backfill(isLost, now)
    local telling = takeNumber()
    local isUnreported = not isLost and telling > (told or 0)
    backfill(isUnreported, now)
    if isLost or isUnreported then
        call('SET', prefix .. 'recalled:' .. id, pack('<dd', group.epoch, telling), 'PX', keep())
    end
    -- Others that knew the lost account will tell as well, each with its next exchange.
    if isLost and isNew then group.product.learnsAt = now + floor(group.timeToLive / 4) + HORIZON end

    local older = loadInstance(id)
    if group.departed > 0 and knownEpoch == group.epoch and not older then group.departed = group.departed - 1 end
    if older then
        removeInstance(id, older)
        for tenant, count in pairs(older.permits) do
            giveBack(group.product, count)
            if tenant ~= PRODUCT then giveBack(tenantBudget(tenant), count) end
        end
    end
    local instance = { weight = weight, sequence = 0, repliedAt = 0, wanting = false, ticket = 0, urgent = 0, permits = permits, reply = '' }
    for tenant, count in pairs(permits) do holdPermits(tenant, count) end
    renew(id, instance, isAlone and now - suspectAfter() or now)
    countMembers()
    saveInstance(id, instance, true)
    save()
    local hasPaused = group.pausedAt > 0
    return { group.epoch, isNew and 1 or 0, instance.renewed + group.timeToLive - now, hasPaused and now - group.pausedAt or 0,
        hasPaused and now - group.resumedAt or 0, correlation }
end

join = guarded(join)
