-- SPDX-License-Identifier: Apache-2.0
-- What an instance may ask for in one want, beside the others that want something, and in which order they are served.

-- `calls` is how many the horizon has room for; nil if there is no pace.
local function newEntitlement(priority, demand, slots, calls)
    local weight, queue = instance.weight, group.queue
    local delay = queue.delay
    local reach = EARLY_TURN + (slots and HORIZON or 0)
    local isUncontended, isInteractive = demand == weight, priority == 2
    local hasTurn = instance.startTag ~= 0 and instance.startTag + delay <= now + reach
    local lastTurn, isFree = queue.last + delay
    if slots then isFree = lastTurn <= slots.first or slots.first <= now else isFree = lastTurn <= now end
    return { weight = weight, demand = demand, share = calls and share(calls, weight, demand) or weight,
        isUncontended = isUncontended, isInteractive = isInteractive, hasTurn = hasTurn,
        isDue = isUncontended or isInteractive or hasTurn or isFree, isPaced = slots ~= nil,
        urgent = isInteractive and 0 or group.urgent }
end

local function proportion(entitlement, left)
    return min(left, max(entitlement.weight, floor(left * entitlement.weight / entitlement.demand)))
end

local function part(entitlement, left, limit, scope)
    if entitlement.isUncontended then return left end
    if scope ~= PRODUCT or limit.kind ~= ROLLING then return proportion(entitlement, left) end
    local free = left - min(entitlement.urgent, capacityInHorizon(limit))
    if not (entitlement.isPaced or entitlement.isInteractive) then
        local uncontended = free - floor(limit.capacity * UNCONTENDED_PER_MILLE / 1000)
        return max(0, entitlement.isDue and min(free, entitlement.share) or 0,
            uncontended > 0 and proportion(entitlement, uncontended) or 0)
    end
    return max(0, min(free, max(proportion(entitlement, free), entitlement.hasTurn and entitlement.share or 0)))
end

-- The order is kept in `group.queue`. The turn with a start tag is at startTag + queue.delay, Swift's `turnTime`.

local function noteTurn(entitlement, pace)
    local span = floor(floor(pace * taken / 1000) * entitlement.demand / entitlement.weight)
    instance.startTag = entitlement.isUncontended and 0 or start - group.queue.delay + span
end

local function postpone(startTag, time)
    local queue = group.queue
    queue.delay = queue.delay + max(0, time - (startTag + queue.delay))
end

local function nextTurn(entitlement, wanting, openAt, pace)
    local queue = group.queue
    if not hasQueued and taken == 0 then
        hasQueued = true
        if instance.startTag == 0 then
            local room = max(1, min(entitlement.share, wanting))
            instance.startTag = max(queue.last, openAt - queue.delay) + floor(pace * room / 1000)
        elseif entitlement.hasTurn then
            postpone(instance.startTag, openAt)
        end
    end
    queue.last = max(queue.last, instance.startTag)
    return instance.startTag + queue.delay
end

local function pullForward(time, span)
    local queue = group.queue
    if queue.last + queue.delay > time + 2 * span then queue.delay = time + span - queue.last end
end
