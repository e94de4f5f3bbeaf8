-- SPDX-License-Identifier: Apache-2.0
-- Settles, renews the instance, takes in observations and 429s, and reserves: in this order.

local known, refused = load()
if refused then return refused end
if not known then return { 0 } end
local time, id, epoch, sequence, jitter, isLast, pooled =
    clock(takeNumber()), take(), takeNumber(), takeNumber(), takeNumber(), takeNumber(), takeNumber()
if epoch ~= group.epoch then return { 0 } end
local instance = loadInstance(id)
if not instance then return { 0 } end

if sequence == instance.sequence and instance.reply then
    local reply, passed = instance.reply, max(group.now, time) - instance.repliedAt
    reply[2] = max(0, reply[2] - passed)
    for _, grant in ipairs(reply[3]) do grant[2] = max(0, grant[2] - passed) end
    return reply
end
if sequence ~= instance.sequence + 1 then return { 0 } end

local now = advance(time)
if now - instance.renewed >= RENEWAL then renew(id, instance, now) end
reap()

-- Settles ---------------------------------------------------------------------------------------------------------------------

local function settle(budget, returned, spent, accepted)
    giveBack(budget, returned)
    spendBudget(budget, spent)
    for _, limit in ipairs(budget.limits) do acceptLimit(limit, accepted, group.tolerance, now) end
    settleBudget(budget, now)
end

for _ = 1, takeNumber() do
    local tenant, spent, accepted, unused = take(), takeNumber(), takeNumber(), takeNumber()
    local held = instance.held[tenant] or 0
    local returned = min(held, spent + unused)
    instance.held[tenant] = held > returned and held - returned or nil
    settle(group.product, returned, spent, accepted)
    if tenant ~= PRODUCT then settle(tenantBudget(tenant), returned, spent, accepted) end
end

-- Takes in what the vendor said -----------------------------------------------------------------------------------------------

for _ = 1, takeNumber() do
    local scope, name, kind, window, capacity, used, mark, expiry, date, age = take(), take(), takeNumber(), takeNumber(),
        takeNumber(), takeNumber(), takeNumber(), takeNumber(), takeNumber(), takeNumber()
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

for _ = 1, takeNumber() do
    local scope, name, count, mark, retryAfter = take(), take(), takeNumber(), takeNumber(), takeNumber()
    local budget = budgetOf(scope)
    local limit = limitNamed(budget, name)
    if limit then
        refuseLimit(limit, count, mark, retryAfter, jitter, now, budget.outstanding)
    else
        pauseFirst(budget, retryAfter, jitter, now)
    end
end
settleBudget(group.product, now)

-- Reserves --------------------------------------------------------------------------------------------------------------------

local NONE, LIMIT, LEARNING, HELD = 0, 1, 2, 3

-- How much of a want the windows, days and holds of its budgets allow, and what is short.
local function allowanceOf(scopes, wanted, priority, demand)
    local count = wanted
    local shortage = { NONE, PRODUCT, '', 0, 0 }
    local reserved = group.floors[priority + 1]

    local function restrict(most, cause, scope, name, retryIn, availableIn)
        if not (most < count or (most == count and most == 0)) then return end
        retryIn = max(retryIn, RETRY_MINIMUM)
        if most < count or retryIn > shortage[4] then
            shortage = { cause, scope, name, retryIn, max(0, availableIn) }
        end
        count = most
    end

    if group.holdUntil > now then restrict(0, HELD, PRODUCT, '', group.holdUntil - now, group.holdUntil - now) end
    for _, scope in ipairs(scopes) do
        local budget = budgetOf(scope)
        local probe = probeOf(budget, now)
        if not budget.learned then restrict(probe, LEARNING, PRODUCT, '', RETRY_LEARNING, 0) end
        for _, limit in ipairs(budget.limits) do
            local name = limit[NAME]
            if limit[HELD_UNTIL] > now then
                local held = limit[HELD_UNTIL] - now
                restrict(0, LIMIT, scope, name, held, limit[KIND] == DAILY and limit[RESETS_AT] - now or held)
            end
            if limit[PAUSES] > 0 or isDriftStale(limit, now) then restrict(probe, LIMIT, scope, name, RETRY_LEARNING, 0) end
            if limit[KIND] ~= PACED then
                local remaining = remainingOf(limit, now, budget.outstanding, reserved)
                if remaining <= 0 and mayProbe(limit, now, remaining) then
                    restrict(probe, LIMIT, scope, name, RETRY_LEARNING, 0)
                elseif remaining <= 0 then
                    local retryIn, availableIn = waitFor(scope, limit, 1 - remaining, now, budget.outstanding)
                    restrict(0, LIMIT, scope, name, retryIn, availableIn)
                else
                    local share = max(instance.weight, floor(remaining * instance.weight / demand))
                    restrict(min(remaining, share), LIMIT, scope, name, RETRY_SHARE, 0)
                    local told = toldOf(limit, now, budget.outstanding, reserved) or remaining
                    if told < remaining then restrict(max(told, probe), LIMIT, scope, name, RETRY_SHARE, 0) end
                end
            end
        end
    end
    return count, shortage
end

-- The next free slots of all paced limits that a call draws on: one schedule, as slow as the slowest.
local function slotsOf(scopes)
    local slots = { first = now, nanos = 0, spacing = 0 }
    for _, scope in ipairs(scopes) do
        for _, limit in ipairs(budgetOf(scope).limits) do
            if limit[KIND] == PACED then
                if limit[NEXT] > slots.first or (limit[NEXT] == slots.first and limit[NEXT_NANOS] > slots.nanos) then
                    slots.first, slots.nanos = limit[NEXT], limit[NEXT_NANOS]
                end
                local spacing = spacingOf(limit)
                if spacing > slots.spacing then slots.spacing, slots.scope, slots.name = spacing, scope, limit[NAME] end
            end
        end
    end
    if slots.spacing == 0 then return nil end
    local ahead = now + HORIZON - slots.first
    slots.free = ahead < 0 and 0 or floor(ahead * 1000 / slots.spacing) + 1
    slots.inHorizon = max(1, floor(HORIZON * 1000 / slots.spacing))
    return slots
end

-- How many of the next slots an instance gets: its share of those within the horizon, when it is its turn. Who gets less than
-- it wants is told its next turn, once an exchange. Nobody queues who is alone.
local hasTurn = false

local function takeSlots(slots, allowed, wanted, priority, demand, shortage)
    local share = min(slots.inHorizon, max(instance.weight, floor(slots.inHorizon * instance.weight / demand)))
    local isAlone = demand == instance.weight
    local isDue = priority == 2 or isAlone or group.turn <= slots.first or slots.first <= now
        or (instance.ticket ~= 0 and instance.ticket <= now + HORIZON)
    local count = isDue and min(allowed, slots.free, max(0, share - pooled)) or 0
    if isAlone or count == wanted then
        instance.ticket = 0
    elseif not hasTurn and (count > 0 or instance.ticket == 0) then
        hasTurn = true
        group.turn = max(group.turn, slots.first) + floor(slots.spacing * max(1, share) / 1000)
        instance.ticket = group.turn
    end
    if count == allowed then return count, shortage end
    local turnIn = max(instance.ticket, slots.first + floor(slots.spacing * count / 1000)) - now - HORIZON
    if isDue and count < slots.free then turnIn = max(turnIn, floor(slots.spacing / 1000)) end
    return count, { LIMIT, slots.scope, slots.name, max(RETRY_MINIMUM, turnIn), max(0, slots.first - now) }
end

local function reserve(tenant, priority, wanted)
    local scopes = tenant == PRODUCT and { PRODUCT } or { PRODUCT, tenant }
    if tenant ~= PRODUCT then settleBudget(tenantBudget(tenant), now) end
    local demand = group.demand + (instance.wanting and 0 or instance.weight)
    local slots = slotsOf(scopes)
    local count, shortage = allowanceOf(scopes, wanted, priority, demand)
    if slots and count > 0 then count, shortage = takeSlots(slots, count, wanted, priority, demand, shortage) end
    if count == wanted then shortage = { NONE, PRODUCT, '', 0, 0 } end
    local grant = { count, 0, 0, shortage[1], shortage[2], shortage[3], shortage[4], shortage[5] }
    if count == 0 then return grant end
    if slots then grant[2], grant[3] = slots.first - now, slots.spacing end
    for _, scope in ipairs(scopes) do
        local budget = budgetOf(scope)
        for _, limit in ipairs(budget.limits) do
            if limit[KIND] ~= PACED then
                local at = #grant
                grant[at + 1], grant[at + 2], grant[at + 3] = scope, limit[NAME], limit[SPENT] + budget.outstanding
            else
                local nanos = slots.nanos + count * slots.spacing
                limit[NEXT], limit[NEXT_NANOS] = slots.first + floor(nanos / 1000), nanos % 1000
            end
        end
        budget.outstanding, budget.grantedAt = budget.outstanding + count, now
    end
    instance.held[tenant] = (instance.held[tenant] or 0) + count
    return grant
end

local wants, isWanting = takeNumber(), false
local grants, scopes, seen = {}, { PRODUCT }, {}
for index = 1, wants do
    local tenant, priority, count = take(), takeNumber(), takeNumber()
    grants[index] = reserve(tenant, priority, count)
    pooled = pooled + grants[index][1]
    isWanting = isWanting or grants[index][1] < count
    if tenant ~= PRODUCT and not seen[tenant] then
        seen[tenant] = true
        scopes[#scopes + 1] = tenant
    end
end
if instance.wanting ~= isWanting then
    instance.wanting = isWanting
    group.demand = group.demand + (isWanting and instance.weight or -instance.weight)
end

local gauges = {}
for _, scope in ipairs(scopes) do
    local budget = budgetOf(scope)
    for _, limit in ipairs(budget.limits) do
        local paced = limit[KIND] == PACED
        gauges[#gauges + 1] = { scope, limit[NAME], limit[CAPACITY], paced and 0 or limit[SPENT] + budget.outstanding,
            effectiveDrift(limit, now), paced and limit[CUSHION] or cushionCalls(limit), max(0, limit[HELD_UNTIL] - now),
            limit[KIND] == DAILY and limit[RESETS_AT] - now or 0 }
    end
end

local reply = { 1, instance.renewed + group.timeToLive - now, grants, gauges }
if isLast == 1 then
    finish(id, instance)
else
    instance.sequence, instance.reply, instance.repliedAt = sequence, reply, now
    saveInstance(id, instance)
end
save()
return reply
