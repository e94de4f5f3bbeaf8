-- SPDX-License-Identifier: Apache-2.0
-- Reserving: how one want becomes a grant. Its four stages are described in Swift's file.

-- Of the want under way, what the stages have found out so far: the fields of Swift's Reservation (its `shortage` is
-- Allowance's).
local scopes, slots, pace, entitlement, granted, opensIn

-- Stage 1: how the instance stands to the others that want something, and what sets the pace.
local function entitle(tenant, priority)
    scopes = tenant == PRODUCT and { PRODUCT } or { PRODUCT, tenant }
    if tenant ~= PRODUCT then settleBudgetDrift(tenantBudget(tenant), now) end
    local demand = group.demand + (instance.isWanting and 0 or instance.weight)
    slots = newSlotSchedule(scopes)
    pace = slots and slots.spacing or windowPace(group.product)
    local calls = pace and callsInHorizon(pace)
    if pace then pullForward(now + HORIZON, cycle(pace, calls, demand)) end
    entitlement = newEntitlement(priority, demand, slots, calls)
end

local function floorOf(priority)
    return priority == 0 and group.backgroundFloor or priority == 1 and group.normalFloor or 0
end

-- Stage 2: what the windows, days, pauses and holds allow.
local function allow(priority, wanted)
    newAllowance(scopes, wanted, floorOf(priority), entitlement)
    granted, opensIn = allowed, allowed == 0 and shortage and shortage.retryIn or 0
end

-- Stage 3: no more than the instance may have of the next slots.
local function restrictToSlots()
    if not slots or granted <= 0 then return end
    local most = slotCount(slots, entitlement)
    if most < granted then granted, shortage = most, slotShortage(slots, most, entitlement) end
end

local function noteUrgent(count)
    instance.urgent, group.urgent = instance.urgent + count, group.urgent + count
end

local function takeUrgently(wanted)
    noteUrgent(wanted - granted)
    if slots or entitlement.isUncontended or not pace then return end
    group.queue.delay = group.queue.delay + floor(pace * granted / 1000)
end

local function startOfTurn()
    local first = slots and slots.first or now
    return entitlement.hasTurn and max(instance.startTag + group.queue.delay, first - HORIZON) or first
end

local function mayQueue()
    if entitlement.isUncontended or opensIn > QUEUEING_MAXIMUM or not shortage then return false end
    if shortage.cause == SHORT_LIMIT then return shortage.scope == PRODUCT end
    return shortage.cause == SHORT_LEARNING and not group.product.isLearned
end

local function openAt()
    local opensAt = now + opensIn
    return slots and max(opensAt, slots.first + floor(pace * granted / 1000)) or opensAt
end

-- Stage 4: what the instance takes counts in the queue, and the instance queues for what it does not get.
local function takeTurn(wanted)
    pooled = pooled + granted
    if entitlement.isInteractive then return takeUrgently(wanted) end
    if not pace then return end
    if taken == 0 then start = startOfTurn() end
    taken = taken + granted
    if granted > 0 then noteTurn(entitlement, pace) end
    if granted >= wanted or not mayQueue() then return end
    local turn = nextTurn(entitlement, wanted - granted, openAt(), pace)
    local reach = slots and HORIZON or 0
    shortage.retryIn = max(RETRY_MINIMUM, opensIn, turn - reach - now)
end

local function takePermits(count)
    for place = 1, #scopes do
        local budget = budgetOf(scopes[place])
        budget.outstanding, budget.grantedAt, budget.hasNewPermits = budget.outstanding + count, now, true
        if slots then
            local limits = budget.limits
            for index = 1, #limits do
                local limit = limits[index]
                if limit.kind == PACED then
                    limit.next, limit.nextNanos = slotAfter(slots, count)
                    limit.packedCount = nil
                end
            end
        end
    end
end

-- The grant: permits become outstanding, and their slots are taken. Returns how many permits, the first slot from now,
-- the distance of slots, and what is short.
local function grant(tenant, wanted)
    if granted == 0 then return 0, 0, 0, shortage end
    takePermits(granted)
    instance.permits[tenant] = (instance.permits[tenant] or 0) + granted
    return granted, slots and slots.first - now or 0, slots and slots.spacing or 0, granted < wanted and shortage or nil
end

local function reserve(tenant, priority, wanted)
    entitle(tenant, priority)
    allow(priority, wanted)
    restrictToSlots()
    takeTurn(wanted)
    return grant(tenant, wanted)
end
