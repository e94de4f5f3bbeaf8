-- SPDX-License-Identifier: Apache-2.0
-- The next free slots of all paced limits that a call draws on: one schedule, as slow as the slowest of them.

-- Nil if no limit is paced. `spacing` is the schedule's pace.
local function newSlotSchedule(scopes)
    local first, firstNanos, slowest, scope, name = now, 0, 0, nil, nil
    for place = 1, #scopes do
        local limits = budgetOf(scopes[place]).limits
        for index = 1, #limits do
            local limit = limits[index]
            if limit.kind == PACED then
                if limit.next > first or (limit.next == first and limit.nextNanos > firstNanos) then
                    first, firstNanos = limit.next, limit.nextNanos
                end
                local apart = spacing(limit)
                if apart > slowest then slowest, scope, name = apart, scopes[place], limit.name end
            end
        end
    end
    if slowest == 0 then return nil end
    local all, here = group.members + group.departed, max(1, group.members - group.suspects)
    local pace = min(floor(slowest * all / here), SLOT_SPACING_MAXIMUM)
    local ahead = now + HORIZON - first
    return { first = first, firstNanos = firstNanos, spacing = pace, scope = scope, name = name,
        free = ahead < 0 and 0 or floor(ahead * 1000 / pace) + 1 }
end

local function slotAfter(slots, count)
    local nanos = slots.firstNanos + count * slots.spacing
    return slots.first + floor(nanos / 1000), nanos % 1000
end

local function slotCount(slots, entitlement)
    if not entitlement.isDue then return 0 end
    local mayReachOut = (entitlement.hasTurn or entitlement.isInteractive) and slots.first <= now + 2 * HORIZON
    return min(max(slots.free, mayReachOut and 1 or 0), max(0, entitlement.share - pooled))
end

-- Pace: here a number of nanoseconds. So many calls take floor(pace * count / 1000) microseconds, Swift's `span`: it
-- stands in its place, as a function's call costs more than that.

local function callsInHorizon(pace)
    return max(1, floor(HORIZON * 1000 / pace))
end

local function share(calls, weight, demand)
    return min(calls, max(weight, floor(calls * weight / demand)))
end

local function cycle(pace, calls, demand)
    return floor(pace * max(calls, demand) / 1000)
end

local function slotShortage(slots, count, entitlement)
    local retryIn = slots.first + floor(slots.spacing * count / 1000) - now - HORIZON
    if entitlement.isDue and count < slots.free then retryIn = max(retryIn, floor(slots.spacing / 1000)) end
    return { cause = SHORT_LIMIT, scope = slots.scope, name = slots.name, retryIn = max(RETRY_MINIMUM, retryIn),
        availableIn = max(0, slots.first - now) }
end
