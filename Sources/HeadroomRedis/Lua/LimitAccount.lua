-- SPDX-License-Identifier: Apache-2.0
-- One limit: how it begins, how it is packed, and its own count.
--
-- A limit is a table of Swift's fields. What is packed of it is kept in `packedHead`, `packedCount`, `packedSeen` and
-- `packedPauses`: whoever changes a field empties the one that the field is in, and only what is empty is packed anew.

local HEAD_FORM <const> = '<sBI7'

local function subWindowSpan(window)
    return floor((window + SUB_WINDOWS - 1) / SUB_WINDOWS)
end

-- With what is packed it has 32 fields: for one more, Lua's table would be twice as large, and made anew.
local function newLimit(name, kind, window, configured, capacity, ceiling)
    return { name = name, kind = kind, window = window, configured = configured, capacity = capacity, ceiling = ceiling,
        candidate = 0, candidates = 0, next = 0, nextNanos = 0, cushion = kind == PACED and MARGIN_START or 0,
        pausedUntil = 0, pauses = 0, spent = 0, drift = 0, driftAt = 0, lowSince = 0, lowest = 0, usedSeen = 0,
        seenAt = 0, strangersAt = 0, resetsAt = 0, markSeen = 0, span = subWindowSpan(window), subWindow = 0,
        current = 0, kept = 0, cells = {} }
end

local function unpackHead(packed, from)
    local name, kind, window, next = read(HEAD_FORM, packed, from)
    local limit = newLimit(name, kind, window)
    next = records.unpackCapacity(limit, packed, next)
    limit.packedHead = string.sub(packed, from, next - 1)
    return limit, next
end

local function unpackCount(limit, packed, from)
    local unpacking = limit.kind == ROLLING and records.unpackRollingCount
        or limit.kind == DAILY and records.unpackDailyCount or records.unpackPacedCount
    local next = unpacking(limit, packed, from)
    -- Beyond the whole numbers that Lua can distinguish, counting on would have no end.
    if limit.subWindow >= 2 ^ 52 then lose() end
    limit.packedCount = string.sub(packed, from, next - 1)
    return next
end

local function unpackSeen(limit, packed, from)
    local next = from
    if limit.kind ~= PACED then
        local unpacking = limit.kind == ROLLING and records.unpackRollingSeen or records.unpackDailySeen
        next = unpacking(limit, packed, from)
    end
    limit.packedSeen = string.sub(packed, from, next - 1)
    return next
end

local function unpackLimitPauses(limit, packed, from)
    local next = records.unpackPauses(limit, packed, from)
    limit.packedPauses = string.sub(packed, from, next - 1)
    return next
end

-- Packs what is to be packed anew of some limits. Returns whether heads, counts, what was seen, and pauses were.
local function packLimits(limits)
    local hasHeads, hasCounts, hasSeen, hasPauses = false, false, false, false
    for index = 1, #limits do
        local limit = limits[index]
        local kind = limit.kind
        if not limit.packedCount then
            hasCounts = true
            limit.packedCount = kind == ROLLING and packRollingCount(limit)
                or kind == DAILY and packDailyCount(limit) or packPacedCount(limit)
        end
        if not limit.packedSeen then
            hasSeen = true
            limit.packedSeen = kind == ROLLING and packRollingSeen(limit)
                or kind == DAILY and packDailySeen(limit) or ''
        end
        if not limit.packedPauses then hasPauses, limit.packedPauses = true, packPauses(limit) end
        if not limit.packedHead then
            hasHeads = true
            limit.packedHead = pack(HEAD_FORM, limit.name, kind, limit.window) .. packCapacity(limit)
        end
    end
    return hasHeads, hasCounts, hasSeen, hasPauses
end

local function concatenate(limits, part)
    local parts = {}
    for index = 1, #limits do parts[index] = limits[index][part] end
    return table.concat(parts)
end

-- The own count: calls age by sub-window, or end with their day.

local function roll(scope, limit, newest)
    local subWindow = limit.subWindow
    if newest <= subWindow then return end
    if newest - subWindow >= RING_LENGTH then
        if limit.kept > 0 then emptyRing(scope, limit) end
        if limit.spent > 0 then limit.spent, limit.packedCount = 0, nil end
    elseif limit.spent > 0 then
        if limit.current > 0 then addToRing(scope, limit, subWindow, limit.current) end
        for past = subWindow + 1, newest do
            local count = ringCount(scope, limit, past)
            if count > 0 then
                limit.spent = limit.spent - count
                addToRing(scope, limit, past, -count)
            end
        end
    end
    -- Not written for this alone: a limit that is read with an older number is brought here by the same way.
    limit.subWindow, limit.current = newest, 0
end

local function rollOver(limit, now)
    limit.spent, limit.drift, limit.driftAt, limit.lowSince, limit.lowest = 0, 0, 0, 0, 0
    limit.markSeen, limit.usedSeen, limit.seenAt, limit.pausedUntil, limit.pauses = 0, 0, 0, 0, 0
    limit.resetsAt = now - now % DAY + DAY
    limit.packedCount, limit.packedSeen, limit.packedPauses = nil, nil, nil
end

local function advanceLimit(scope, limit, now)
    if limit.kind == ROLLING then
        roll(scope, limit, floor(now / limit.span))
    elseif limit.kind == DAILY and now >= limit.resetsAt then
        rollOver(limit, now)
    end
end

local function spendLimit(limit, count)
    if limit.kind == PACED then return end
    limit.packedCount = nil
    if limit.kind == ROLLING then
        local added = min(count, SUB_WINDOW_MAXIMUM - limit.current)
        limit.current = limit.current + added
        limit.spent = limit.spent + added
    else
        limit.spent = limit.spent + count
    end
end

local function backfillDay(limit, count)
    limit.spent, limit.markSeen = limit.spent + count, limit.markSeen + count
    if limit.drift > 0 then limit.drift = max(0, limit.drift - count) end
    if limit.lowest > 0 then limit.lowest = max(0, limit.lowest - count) end
    limit.packedCount, limit.packedSeen = nil, nil
end

local function spendLimitAt(scope, limit, count, time)
    if limit.kind == DAILY then
        if time >= limit.resetsAt - DAY then backfillDay(limit, count) end
    elseif limit.kind == ROLLING then
        local span, newest = limit.span, limit.subWindow
        local past = (time - time % span) / span
        if past >= newest then return spendLimit(limit, count) end
        if newest - past >= RING_LENGTH then return end
        limit.spent, limit.packedCount = limit.spent + addToRing(scope, limit, past, count), nil
    end
end

local function takeOver(scope, limit, other)
    if limit.kind ~= ROLLING or other.kind ~= ROLLING then return end
    for past = other.subWindow - SUB_WINDOWS, other.subWindow - 1 do
        local count = ringCount(scope, other, past)
        if count > 0 then spendLimitAt(scope, limit, count, (past + 1) * other.span) end
    end
    spendLimit(limit, other.current)
end
