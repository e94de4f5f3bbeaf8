-- SPDX-License-Identifier: Apache-2.0
-- What is left of a limit, and if nothing is left, when that changes.

local function isDriftStale(limit, now)
    return limit[KIND] == ROLLING and limit[DRIFT] > 0 and now - limit[DRIFT_AT] >= limit[WINDOW]
end

local function effectiveDrift(limit, now)
    return limit[DRIFT] > 0 and isDriftStale(limit, now) and 0 or limit[DRIFT]
end

local function cushionCalls(limit)
    return floor(limit[CUSHION] / 1000000)
end

local function remaining(limit, now, outstanding, floorPerMille)
    return limit[CAPACITY] - limit[SPENT] - outstanding - effectiveDrift(limit, now) - cushionCalls(limit)
        - floor(limit[CAPACITY] * floorPerMille / 1000)
end

local function remainingByVendor(limit, now, outstanding, floorPerMille)
    if limit[KIND] ~= ROLLING or limit[USED_SEEN] <= 0 or now - limit[SEEN_AT] > ROLLING_STEADY then return nil end
    if limit[STRANGERS_AT] <= 0 or now - limit[STRANGERS_AT] > 2 * limit[WINDOW] then return nil end
    return limit[CAPACITY] - limit[USED_SEEN] - outstanding - floor(limit[CAPACITY] * floorPerMille / 1000)
end

local function mayProbe(limit, now, remaining)
    return limit[KIND] == DAILY and limit[PAUSED_UNTIL] <= now
        and (limit[PAUSES] > 0
            or (limit[DRIFT] > 0 and remaining + limit[DRIFT] > 0 and now - limit[DRIFT_AT] >= DAY_PAUSE))
end

-- The ring's oldest sub-window comes first; those without calls are passed over at once.
local function release(scope, limit, needed)
    touched = ringKey(scope, limit)
    local ring, subWindow, freed = call('GETRANGE', touched, 0, -1), limit[SUB_WINDOW], 0
    local oldest = (subWindow + 1) % RING_LENGTH
    local pieces = {
        { oldest, RING_LENGTH, subWindow - RING_LENGTH + 1 - oldest },
        { 0, oldest - 1, subWindow - oldest + 1 }
    }
    for _, piece in ipairs(pieces) do
        local from, to, offset = piece[1], piece[2], piece[3]
        while from < to do
            local found = string.find(ring, '[^%z]', from * 4 + 1)
            from = found and floor((found - 1) / 4) or to
            if from < to then
                freed = freed + ringCount(ring, from)
                if freed >= needed then return (from + offset + RING_LENGTH) * subWindowSpan(limit) end
                from = from + 1
            end
        end
    end
    return freed + limit[CURRENT] >= needed and (subWindow + RING_LENGTH) * subWindowSpan(limit) or nil
end

local function dayWait(limit, needed, now)
    local reset = limit[RESETS_AT] - now
    local isProbedLater = limit[DRIFT] > 0 and 1 - needed + limit[DRIFT] > 0 and limit[DRIFT_AT] + DAY_PAUSE > now
    return isProbedLater and min(reset, limit[DRIFT_AT] + DAY_PAUSE - now) or reset, reset
end

local function rollingWait(scope, limit, needed, now)
    local release = release(scope, limit, needed)
    local retryIn, releaseIn = release and release - now or RETRY_OUTSTANDING, release and release - now or 0
    if effectiveDrift(limit, now) <= 0 then return retryIn, releaseIn end
    local staleIn = limit[DRIFT_AT] + limit[WINDOW] - now
    return min(retryIn, staleIn), min(releaseIn, staleIn)
end

local function wait(scope, limit, needed, now, outstanding)
    local retryIn, availableIn
    if limit[KIND] == ROLLING then
        retryIn, availableIn = rollingWait(scope, limit, needed, now)
    else
        retryIn, availableIn = dayWait(limit, needed, now)
    end
    if outstanding > 0 then retryIn = min(retryIn, RETRY_OUTSTANDING) end
    if outstanding >= needed then availableIn = min(availableIn, RETRY_OUTSTANDING) end
    return retryIn, availableIn
end

local function spacing(limit)
    local base = floor(limit[WINDOW] * 1000 / limit[CAPACITY])
    return base + floor(base * limit[CUSHION] / 1000000)
end

local function capacityInHorizon(limit)
    return max(1, floor(limit[CAPACITY] * HORIZON / limit[WINDOW]))
end
