-- SPDX-License-Identifier: Apache-2.0
-- What is left of a limit, and if nothing is left, when that changes.

local function isDriftStale(limit, now)
    return limit.kind == ROLLING and limit.drift > 0 and now - limit.driftAt >= limit.window
end

local function effectiveDrift(limit, now)
    return limit.drift > 0 and isDriftStale(limit, now) and 0 or limit.drift
end

local function cushionCalls(limit)
    return floor(limit.cushion / 1000000)
end

local function remaining(limit, now, outstanding, floorPerMille)
    return limit.capacity - limit.spent - outstanding - effectiveDrift(limit, now) - cushionCalls(limit)
        - floor(limit.capacity * floorPerMille / 1000)
end

local function remainingByVendor(limit, now, outstanding, floorPerMille)
    if limit.kind ~= ROLLING or limit.usedSeen <= 0 or now - limit.seenAt > ROLLING_STEADY then return nil end
    if limit.strangersAt <= 0 or now - limit.strangersAt > 2 * limit.window then return nil end
    return limit.capacity - limit.usedSeen - outstanding - floor(limit.capacity * floorPerMille / 1000)
end

local function mayProbe(limit, now, left)
    return limit.kind == DAILY and limit.pausedUntil <= now
        and (limit.pauses > 0
            or (limit.drift > 0 and left + limit.drift > 0 and now - limit.driftAt >= DAY_PAUSE))
end

-- The ring's oldest sub-window comes first.
local function release(scope, limit, needed)
    loadRing(scope, limit)
    local subWindow, freed = limit.subWindow, 0
    local past = subWindow - SUB_WINDOWS
    while past < subWindow do
        local place = past % RING_LENGTH
        local cells = limit.cells[floor(place / RING_PIECE)]
        if cells then
            freed = freed + cells[place % RING_PIECE + 1]
            if freed >= needed then return (past + RING_LENGTH) * limit.span end
            past = past + 1
        else
            past = past + min(RING_PIECE - place % RING_PIECE, RING_LENGTH - place)
        end
    end
    return freed + limit.current >= needed and (subWindow + RING_LENGTH) * limit.span or nil
end

local function dayWait(limit, needed, now)
    local reset = limit.resetsAt - now
    local isProbedLater = limit.drift > 0 and 1 - needed + limit.drift > 0 and limit.driftAt + DAY_PAUSE > now
    return isProbedLater and min(reset, limit.driftAt + DAY_PAUSE - now) or reset, reset
end

local function rollingWait(scope, limit, needed, now)
    local releasedAt = release(scope, limit, needed)
    local releaseIn = releasedAt and releasedAt - now or 0
    local retryIn = releasedAt and releaseIn or RETRY_OUTSTANDING
    if effectiveDrift(limit, now) <= 0 then return retryIn, releaseIn end
    local staleIn = limit.driftAt + limit.window - now
    return min(retryIn, staleIn), min(releaseIn, staleIn)
end

local function wait(scope, limit, needed, now, outstanding)
    local retryIn, availableIn
    if limit.kind == ROLLING then
        retryIn, availableIn = rollingWait(scope, limit, needed, now)
    else
        retryIn, availableIn = dayWait(limit, needed, now)
    end
    if outstanding > 0 then retryIn = min(retryIn, RETRY_OUTSTANDING) end
    if outstanding >= needed then availableIn = min(availableIn, RETRY_OUTSTANDING) end
    return retryIn, availableIn
end

local function spacing(limit)
    local base = floor(limit.window * 1000 / limit.capacity)
    return base + floor(base * limit.cushion / 1000000)
end

local function capacityInHorizon(limit)
    return max(1, floor(limit.capacity * HORIZON / limit.window))
end
