-- SPDX-License-Identifier: Apache-2.0
-- What an instance may ask for in one want: how it stands to the others that want something.

-- `calls` is how many the horizon has room for; nil if there is no pace.
local function newEntitlement(priority, demand, slots, calls)
    local weight, queue = instance.weight, group.queue
    local delay = queue.delay
    local reach = EARLY_TURN + (slots and HORIZON or 0)
    local isUncontended, isInteractive = demand == weight, priority == 2
    local hasTurn = instance.startTag ~= 0 and instance.startTag + delay <= now + reach
    local lastTurn, isFree = queue.last + delay, nil
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
    if scope ~= PRODUCT or limit[KIND] ~= ROLLING then return proportion(entitlement, left) end
    local free = left - min(entitlement.urgent, capacityInHorizon(limit))
    if not (entitlement.isPaced or entitlement.isInteractive) then
        local uncontended = free - floor(limit[CAPACITY] * UNCONTENDED_PER_MILLE / 1000)
        return max(0, entitlement.isDue and min(free, entitlement.share) or 0,
            uncontended > 0 and proportion(entitlement, uncontended) or 0)
    end
    return max(0, min(free, max(proportion(entitlement, free), entitlement.hasTurn and entitlement.share or 0)))
end
