-- SPDX-License-Identifier: Apache-2.0
-- What the vendor says of a limit: its capacity, its count, the end of its day, its 429s, its accepted calls.

local function learn(limit, reported)
    if limit[CEILING] > 0 then reported = min(reported, limit[CEILING]) end
    if limit[KIND] == PACED and floor(limit[WINDOW] / reported) > 2000000 then return end
    if reported == limit[CAPACITY] then
        if limit[CANDIDATES] > 0 then limit[CANDIDATE], limit[CANDIDATES], limit.head = 0, 0, nil end
        return
    end
    limit.head = nil
    limit[CANDIDATES] = reported == limit[CANDIDATE] and limit[CANDIDATES] + 1 or 1
    limit[CANDIDATE] = reported
    if limit[CANDIDATES] >= AGREEMENTS then
        limit[CAPACITY], limit[CANDIDATE], limit[CANDIDATES] = reported, 0, 0
    end
end

local function noteDrift(limit, seen, now, steady)
    if limit[KIND] == ROLLING and now - limit[DRIFT_AT] > steady then limit[LOW_SINCE] = 0 end
    limit[DRIFT] = effectiveDrift(limit, now)
    limit[DRIFT_AT] = now
    if seen >= limit[DRIFT] then
        limit[DRIFT], limit[LOW_SINCE] = seen, 0
    elseif limit[LOW_SINCE] == 0 then
        limit[LOW_SINCE], limit[LOWEST] = now, seen
    else
        limit[LOWEST] = max(limit[LOWEST], seen)
        if now - limit[LOW_SINCE] >= steady then
            limit[DRIFT], limit[LOW_SINCE], limit[LOWEST] = limit[LOWEST], now, seen
        end
    end
end

local function observeLimit(limit, used, mark, now, outstanding)
    if limit[KIND] == DAILY and mark > limit[SPENT] + outstanding then return end
    if limit[KIND] == ROLLING and now - limit[SEEN_AT] > ROLLING_STEADY then limit[USED_SEEN] = 0 end
    if used >= limit[USED_SEEN] then limit[USED_SEEN], limit[SEEN_AT] = used, now end
    if limit[KIND] == ROLLING then
        if used > max(mark, limit[SPENT] + outstanding) + outstanding then limit[STRANGERS_AT] = now end
        noteDrift(limit, max(0, used - mark), now, ROLLING_STEADY)
    elseif limit[KIND] == DAILY then
        limit[MARK_SEEN] = max(limit[MARK_SEEN], mark)
        noteDrift(limit, used - limit[MARK_SEEN], now, DAY_STEADY)
    end
end

local function settleLimitDrift(limit, now, outstanding)
    if outstanding ~= 0 or limit[USED_SEEN] <= 0 or limit[DRIFT] <= 0 then return end
    if limit[KIND] == ROLLING and now - limit[SEEN_AT] <= ROLLING_STEADY then
        limit[DRIFT] = min(limit[DRIFT], max(0, limit[USED_SEEN] - limit[SPENT]))
    elseif limit[KIND] == DAILY and now - limit[DRIFT_AT] >= DAY_STEADY then
        limit[DRIFT] = min(limit[DRIFT], limit[USED_SEEN] - limit[SPENT])
    end
end

local function resetDay(limit, expiry, now)
    if limit[KIND] ~= DAILY or expiry <= now - DAY_SKEW or expiry > now + DAY + DAY_SKEW then return true end
    local later = expiry - limit[RESETS_AT]
    if expiry <= now or later + DAY <= DAY_SKEW then return false end
    if later >= DAY - DAY_SKEW then rollOver(limit, now) end
    if later > 0 or later < -2000000 then limit[RESETS_AT] = expiry end
    return true
end

local function rejectLimit(limit, count, mark, retryAfter, jitter, now, outstanding)
    if retryAfter > 0 then limit[PAUSED_UNTIL] = max(limit[PAUSED_UNTIL], now + retryAfter) end
    if limit[KIND] == PACED then
        limit[CUSHION] = min(MARGIN_MAXIMUM, limit[CUSHION] + MARGIN_STEP * count)
        return
    end
    local capacity = limit[CAPACITY]
    local steps = min(count, floor(CUSHION_MAXIMUM / CUSHION_STEP))
    limit[CUSHION] = min(capacity * CUSHION_MAXIMUM, limit[CUSHION] + capacity * CUSHION_STEP * steps)
    if mark >= 0 then observeLimit(limit, capacity, mark, now, outstanding) end
    if now < limit[PAUSED_UNTIL] and limit[PAUSES] > 0 then return end
    local span = limit[KIND] == DAILY and DAY_PAUSE or PAUSE_FIRST * 2 ^ min(limit[PAUSES], PAUSE_DOUBLINGS)
    limit[PAUSES] = limit[PAUSES] + 1
    limit[PAUSED_UNTIL] = max(limit[PAUSED_UNTIL], now + floor(span * (750 + floor(jitter / 2)) / 1000))
    if limit[KIND] == DAILY then limit[PAUSED_UNTIL] = min(limit[PAUSED_UNTIL], limit[RESETS_AT]) end
end

local function acceptLimit(limit, count, tolerance, now)
    if count > 0 and limit[PAUSES] > 0 and now >= limit[PAUSED_UNTIL] then
        limit[PAUSES] = 0
        if limit[KIND] == DAILY then limit[DRIFT], limit[LOW_SINCE] = min(limit[DRIFT], 0), 0 end
    end
    if count > 0 and isDriftStale(limit, now) then limit[DRIFT] = 0 end
    local isPaced = limit[KIND] == PACED
    local step = isPaced and floor(MARGIN_STEP * tolerance / 1000000) or floor(limit[CAPACITY] * 5 * tolerance / 1000)
    local least = isPaced and MARGIN_MINIMUM or 0
    if step <= 0 or limit[CUSHION] <= least then return end
    local above = limit[CUSHION] - least
    limit[CUSHION] = limit[CUSHION] - min(above, step * min(count, floor(above / step) + 1))
end
