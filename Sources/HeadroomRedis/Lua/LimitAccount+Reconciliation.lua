-- SPDX-License-Identifier: Apache-2.0
-- What the vendor says of a limit: its capacity, its count, the end of its day, its 429s, its accepted calls.

local function learn(limit, reported)
    if limit.ceiling > 0 then reported = min(reported, limit.ceiling) end
    if limit.kind == PACED and floor(limit.window / reported) > 2000000 then return end
    if reported == limit.capacity then
        if limit.candidates > 0 then limit.candidate, limit.candidates, limit.packedHead = 0, 0, nil end
        return
    end
    limit.packedHead = nil
    limit.candidates = reported == limit.candidate and limit.candidates + 1 or 1
    limit.candidate = reported
    if limit.candidates >= AGREEMENTS then
        limit.capacity, limit.candidate, limit.candidates = reported, 0, 0
    end
end

local function noteDrift(limit, seen, now, steady)
    if limit.kind == ROLLING and now - limit.driftAt > steady then limit.lowSince = 0 end
    limit.drift = effectiveDrift(limit, now)
    limit.driftAt, limit.packedSeen = now, nil
    if seen >= limit.drift then
        limit.drift, limit.lowSince, limit.lowest = seen, 0, 0
    elseif limit.lowSince == 0 then
        limit.lowSince, limit.lowest = now, seen
    else
        limit.lowest = max(limit.lowest, seen)
        if now - limit.lowSince >= steady then
            limit.drift, limit.lowSince, limit.lowest = limit.lowest, now, seen
        end
    end
end

local function observeLimit(limit, used, mark, now, outstanding)
    if limit.kind == DAILY and mark > limit.spent + outstanding then return end
    if limit.kind == ROLLING and now - limit.seenAt > ROLLING_STEADY then limit.usedSeen = 0 end
    if used >= limit.usedSeen then limit.usedSeen, limit.seenAt = used, now end
    limit.packedSeen = nil
    if limit.kind == ROLLING then
        if used > max(mark, limit.spent + outstanding) + outstanding then limit.strangersAt = now end
        noteDrift(limit, max(0, used - mark), now, ROLLING_STEADY)
    elseif limit.kind == DAILY then
        limit.markSeen = max(limit.markSeen, mark)
        noteDrift(limit, used - limit.markSeen, now, DAY_STEADY)
    end
end

local function settleLimitDrift(limit, now, outstanding)
    if outstanding ~= 0 or limit.usedSeen <= 0 or limit.drift <= 0 then return end
    limit.packedSeen = nil
    if limit.kind == ROLLING and now - limit.seenAt <= ROLLING_STEADY then
        limit.drift = min(limit.drift, max(0, limit.usedSeen - limit.spent))
    elseif limit.kind == DAILY and now - limit.driftAt >= DAY_STEADY then
        limit.drift = min(limit.drift, limit.usedSeen - limit.spent)
    end
end

local function resetDay(limit, expiry, now)
    if limit.kind ~= DAILY or expiry <= now - DAY_SKEW or expiry > now + DAY + DAY_SKEW then return true end
    local later = expiry - limit.resetsAt
    if expiry <= now or later + DAY <= DAY_SKEW then return false end
    if later >= DAY - DAY_SKEW then rollOver(limit, now) end
    if later > 0 or later < -2000000 then limit.resetsAt, limit.packedPauses = expiry, nil end
    return true
end

local function rejectLimit(limit, count, mark, retryAfter, jitter, now, outstanding)
    limit.packedPauses = nil
    if retryAfter > 0 then limit.pausedUntil = max(limit.pausedUntil, now + retryAfter) end
    if limit.kind == PACED then
        limit.cushion = min(MARGIN_MAXIMUM, limit.cushion + MARGIN_STEP * count)
        return
    end
    local capacity = limit.capacity
    local steps = min(count, floor(CUSHION_MAXIMUM / CUSHION_STEP))
    limit.cushion = min(capacity * CUSHION_MAXIMUM, limit.cushion + capacity * CUSHION_STEP * steps)
    if mark >= 0 then observeLimit(limit, capacity, mark, now, outstanding) end
    if now < limit.pausedUntil and limit.pauses > 0 then return end
    local span = limit.kind == DAILY and DAY_PAUSE or PAUSE_FIRST * 2 ^ min(limit.pauses, PAUSE_DOUBLINGS)
    limit.pauses = limit.pauses + 1
    limit.pausedUntil = max(limit.pausedUntil, now + floor(span * (750 + floor(jitter / 2)) / 1000))
    if limit.kind == DAILY then limit.pausedUntil = min(limit.pausedUntil, limit.resetsAt) end
end

local function acceptLimit(limit, count, tolerance, now)
    if count > 0 and limit.pauses > 0 and now >= limit.pausedUntil then
        limit.pauses, limit.packedPauses = 0, nil
        if limit.kind == DAILY then limit.drift, limit.lowSince, limit.packedSeen = min(limit.drift, 0), 0, nil end
    end
    if count > 0 and isDriftStale(limit, now) then limit.drift, limit.packedSeen = 0, nil end
    local isPaced = limit.kind == PACED
    local step = isPaced and floor(MARGIN_STEP * tolerance / 1000000) or floor(limit.capacity * 5 * tolerance / 1000)
    local least = isPaced and MARGIN_MINIMUM or 0
    if step <= 0 or limit.cushion <= least then return end
    local above = limit.cushion - least
    limit.packedPauses = nil
    limit.cushion = limit.cushion - min(above, step * min(count, floor(above / step) + 1))
end
