-- SPDX-License-Identifier: Apache-2.0
-- Reserves permits: what the limits allow, whose turn it is, which slots are free.

local UNSHORT <const>, SHORT_LIMIT <const>, SHORT_LEARNING <const>, SHORT_HOLD <const> = 0, 1, 2, 3
-- A shortage is a list of these.
local CAUSE <const>, SHORT_SCOPE <const>, SHORT_NAME <const>, RETRY_IN <const>, AVAILABLE_IN <const> = 1, 2, 3, 4, 5

local instance, now
-- What this exchange has taken and been told so far.
local pooled, taken, turnStart, hasQueued

-- How many calls of a pace the horizon has room for.
local function callsWithinHorizon(pace)
    return max(1, floor(HORIZON * 1000 / pace))
end

-- Pulls all turns forward where they are later than twice what those who still want something would take: others left.
local function pullForward(pace, demand)
    local cycle = floor(pace * max(callsWithinHorizon(pace), demand) / 1000)
    if group.last + group.delay > now + HORIZON + 2 * cycle then group.delay = now + HORIZON + cycle - group.last end
end

-- How an instance stands to the others that want something.
local function entitlementOf(priority, demand, slots, pace)
    local weight = instance.weight
    local inHorizon = pace and callsWithinHorizon(pace)
    local reach = EARLY_TURN + (slots and HORIZON or 0)
    local last = group.last + group.delay
    local isUncontended, isInteractive = demand == weight, priority == 2
    local hasTurn = instance.ticket ~= 0 and instance.ticket + group.delay <= now + reach
    local isFree
    if slots then isFree = last <= slots.first or slots.first <= now else isFree = last <= now end
    return { weight = weight, demand = demand, isUncontended = isUncontended, isInteractive = isInteractive, hasTurn = hasTurn,
        share = pace and min(inHorizon, max(weight, floor(inHorizon * weight / demand))) or weight,
        isDue = isUncontended or isInteractive or hasTurn or isFree, isPaced = slots ~= nil,
        urgent = isInteractive and 0 or group.urgent }
end

local function proportionOf(entitlement, left)
    return min(left, max(entitlement.weight, floor(left * entitlement.weight / entitlement.demand)))
end

-- An instance's part of what a limit has left.
local function partOf(entitlement, left, limit, scope)
    if entitlement.isUncontended then return left end
    if scope ~= PRODUCT or limit[KIND] ~= ROLLING then return proportionOf(entitlement, left) end
    local free = left - min(entitlement.urgent, inHorizonOf(limit))
    if not (entitlement.isPaced or entitlement.isInteractive) then
        local plenty = free - floor(limit[CAPACITY] * UNCONTENDED_PER_MILLE / 1000)
        return max(0, entitlement.isDue and min(free, entitlement.share) or 0, plenty > 0 and proportionOf(entitlement, plenty) or 0)
    end
    return max(0, min(free, max(proportionOf(entitlement, free), entitlement.hasTurn and entitlement.share or 0)))
end

-- What the limits looked at so far allow, and what is short.
local allowed, shortage

local function restrict(most, cause, scope, name, retryIn, availableIn)
    if not (most < allowed or (most == allowed and most == 0)) then return end
    retryIn = max(retryIn, RETRY_MINIMUM)
    if most < allowed or retryIn > (shortage and shortage[RETRY_IN] or 0) then
        shortage = { cause, scope, name, retryIn, max(0, availableIn) }
    end
    allowed = most
end

local function restrictBy(limit, scope, budget, probe, reserved, entitlement)
    local name = limit[NAME]
    if limit[PAUSED_UNTIL] > now then
        local pause = limit[PAUSED_UNTIL] - now
        restrict(0, SHORT_LIMIT, scope, name, pause, limit[KIND] == DAILY and limit[RESETS_AT] - now or pause)
    end
    if limit[PAUSES] > 0 or isDriftStale(limit, now) then restrict(probe, SHORT_LIMIT, scope, name, RETRY_LEARNING, 0) end
    if limit[KIND] == PACED then return end
    local remaining = remainingOf(limit, now, budget.outstanding, reserved)
    if remaining > 0 then
        restrict(partOf(entitlement, remaining, limit, scope), SHORT_LIMIT, scope, name, RETRY_MINIMUM, 0)
        local told = toldOf(limit, now, budget.outstanding, reserved)
        if told and told < remaining then restrict(max(told, probe), SHORT_LIMIT, scope, name, RETRY_SHARE, 0) end
    elseif mayProbe(limit, now, remaining) then
        restrict(probe, SHORT_LIMIT, scope, name, RETRY_LEARNING, 0)
    else
        local retryIn, availableIn = waitFor(scope, limit, 1 - remaining, now, budget.outstanding)
        restrict(0, SHORT_LIMIT, scope, name, retryIn, availableIn)
    end
end

-- How much of a want the windows, days and holds of its budgets allow: in `allowed`, and what is short in `shortage`.
local function allow(scopes, wanted, priority, entitlement)
    allowed, shortage = wanted, nil
    local reserved = group.floors[priority + 1]
    if group.holdUntil > now then restrict(0, SHORT_HOLD, PRODUCT, '', group.holdUntil - now, group.holdUntil - now) end
    for place = 1, #scopes do
        local scope = scopes[place]
        local budget = budgetOf(scope)
        local probe, limits = probeOf(budget, now), budget.limits
        if not budget.learned then restrict(probe, SHORT_LEARNING, PRODUCT, '', RETRY_LEARNING, 0) end
        for index = 1, #limits do restrictBy(limits[index], scope, budget, probe, reserved, entitlement) end
    end
end

-- The next free slots of all paced limits that a call draws on: one schedule, as slow as the slowest.
local function slotsOf(scopes)
    local first, nanos, slowest, scope, name = now, 0, 0, nil, nil
    for place = 1, #scopes do
        local each = scopes[place]
        local limits = budgetOf(each).limits
        for index = 1, #limits do
            local limit = limits[index]
            if limit[KIND] == PACED then
                if limit[NEXT] > first or (limit[NEXT] == first and limit[NEXT_NANOS] > nanos) then
                    first, nanos = limit[NEXT], limit[NEXT_NANOS]
                end
                local spacing = spacingOf(limit)
                if spacing > slowest then slowest, scope, name = spacing, each, limit[NAME] end
            end
        end
    end
    if slowest == 0 then return nil end
    slowest = min(floor(slowest * (group.members + group.departed) / max(1, group.members - group.suspects)), SLOT_SPACING_MAXIMUM)
    local ahead = now + HORIZON - first
    return { first = first, nanos = nanos, spacing = slowest, scope = scope, name = name,
        free = ahead < 0 and 0 or floor(ahead * 1000 / slowest) + 1 }
end

-- How many of the next slots an instance gets.
local function mostOf(slots, entitlement)
    if not entitlement.isDue then return 0 end
    local mayReachOut = (entitlement.hasTurn or entitlement.isInteractive) and slots.first <= now + 2 * HORIZON
    return min(max(slots.free, mayReachOut and 1 or 0), max(0, entitlement.share - pooled))
end

local function slotShortage(slots, count, entitlement)
    local retryIn = slots.first + floor(slots.spacing * count / 1000) - now - HORIZON
    if entitlement.isDue and count < slots.free then retryIn = max(retryIn, floor(slots.spacing / 1000)) end
    return { SHORT_LIMIT, slots.scope, slots.name, max(RETRY_MINIMUM, retryIn), max(0, slots.first - now) }
end

local function isOrdered(opensIn)
    if opensIn > ORDERED_MAXIMUM or not shortage then return false end
    if shortage[CAUSE] == SHORT_LIMIT then return shortage[SHORT_SCOPE] == PRODUCT end
    return shortage[CAUSE] == SHORT_LEARNING and not group.product.learned
end

-- When an instance's turn began: when it was due, though it may have come late or found others before it; without a
-- turn now.
local function startOf(entitlement, slots)
    local first = slots and slots.first or now
    return entitlement.hasTurn and max(instance.ticket + group.delay, first - HORIZON) or first
end

-- What somebody takes who is alone counts for nothing later.
local function takeTurn(entitlement, pace)
    local span = floor(floor(pace * taken / 1000) * entitlement.demand / entitlement.weight)
    instance.ticket = entitlement.isUncontended and 0 or turnStart - group.delay + span
end

-- When the next turn of an instance is that gets less than it wants.
local function turnOf(entitlement, wanting, openAt, pace)
    if not hasQueued and taken == 0 then
        hasQueued = true
        if instance.ticket == 0 then
            instance.ticket = max(group.last, openAt - group.delay) + floor(pace * max(1, min(entitlement.share, wanting)) / 1000)
        elseif entitlement.hasTurn then
            group.delay = group.delay + max(0, openAt - (instance.ticket + group.delay))
        end
    end
    group.last = max(group.last, instance.ticket)
    return instance.ticket + group.delay
end

-- Permits become outstanding, and their slots are taken.
local function takePermits(scopes, count, slots)
    for place = 1, #scopes do
        local budget = budgetOf(scopes[place])
        budget.outstanding, budget.grantedAt = budget.outstanding + count, now
        if slots then
            local nanos, limits = slots.nanos + count * slots.spacing, budget.limits
            for index = 1, #limits do
                local limit = limits[index]
                if limit[KIND] == PACED then
                    limit[NEXT], limit[NEXT_NANOS] = slots.first + floor(nanos / 1000), nanos % 1000
                end
            end
        end
    end
end

-- Returns how many permits were granted, the first slot from now, the distance of slots, and what is short.
local function reserve(tenant, priority, wanted)
    local scopes = tenant == PRODUCT and { PRODUCT } or { PRODUCT, tenant }
    if tenant ~= PRODUCT then settleBudget(tenantBudget(tenant), now) end
    local demand = group.demand + (instance.wanting and 0 or instance.weight)
    local slots = slotsOf(scopes)
    local pace = slots and slots.spacing or paceOf(group.product)
    if pace then pullForward(pace, demand) end
    local entitlement = entitlementOf(priority, demand, slots, pace)
    allow(scopes, wanted, priority, entitlement)
    local count, opensIn = allowed, allowed == 0 and shortage and shortage[RETRY_IN] or 0
    if slots and count > 0 then
        local most = mostOf(slots, entitlement)
        if most < count then count, shortage = most, slotShortage(slots, most, entitlement) end
    end
    pooled = pooled + count
    if entitlement.isInteractive then
        instance.urgent, group.urgent = instance.urgent + wanted - count, group.urgent + wanted - count
        if not slots and not entitlement.isUncontended and pace then group.delay = group.delay + floor(pace * count / 1000) end
    elseif pace then
        if taken == 0 then turnStart = startOf(entitlement, slots) end
        taken = taken + count
        if count > 0 then takeTurn(entitlement, pace) end
        if count < wanted and not entitlement.isUncontended and isOrdered(opensIn) then
            local openAt = now + opensIn
            if slots then openAt = max(openAt, slots.first + floor(pace * count / 1000)) end
            local next = turnOf(entitlement, wanted - count, openAt, pace)
            shortage[RETRY_IN] = max(RETRY_MINIMUM, opensIn, next - (slots and HORIZON or 0) - now)
        end
    end
    if count == 0 then return 0, 0, 0, shortage end
    takePermits(scopes, count, slots)
    instance.permits[tenant] = (instance.permits[tenant] or 0) + count
    return count, slots and slots.first - now or 0, slots and slots.spacing or 0, count < wanted and shortage or nil
end
