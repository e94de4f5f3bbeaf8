-- SPDX-License-Identifier: Apache-2.0
-- One limit: how it begins, how it is packed, and its own count.
--
-- A limit is a table of Swift's fields. What is packed of it is kept in `packedHead`, `packedCount`, `packedSeen` and
-- `packedPauses`: whoever changes a field empties the one that the field is in, and only what is empty is packed anew.

local HEAD_FORM <const> = '<sBI7'

local function subWindowSpan(window)
    return floor((window + SUB_WINDOWS - 1) / SUB_WINDOWS)
end

local function newLimit(name, kind, window, configured, capacity, ceiling)
    return { name = name, kind = kind, window = window, configured = configured, capacity = capacity, ceiling = ceiling,
        candidate = 0, candidates = 0, next = 0, nextNanos = 0, cushion = kind == PACED and MARGIN_START or 0,
        pausedUntil = 0, pauses = 0, spent = 0, drift = 0, driftAt = 0, lowSince = 0, lowest = 0, usedSeen = 0,
        seenAt = 0, span = subWindowSpan(window), resetsAt = 0, markSeen = 0, subWindow = 0, current = 0, strangersAt = 0, kept = 0, cells = {} }
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

-- The ring of a rolling limit: 241 numbers, each at its sub-window's number modulo 241, in pieces of 15. Calls of the
-- current sub-window are in the limit; the ring has them when the sub-window is past. `kept` has a bit for each piece
-- that Redis has, or will have; `cells` are the pieces that were read, each with a mark behind its numbers if it has
-- changed; `dirty` lists those that have.

local PIECES = { ':1', ':2', ':3', ':4', ':5', ':6', ':7', ':8', ':9', ':10', ':11', ':12', ':13', ':14', ':15', ':16',
    [0] = ':0' }

-- The place of a piece's mark behind its numbers, in Lua's table.
local DIRTY <const> = 16

local function ringField(scope, limit, piece)
    if scope == PRODUCT then return 'ring:' .. limit.name .. PIECES[piece] end
    return 'ring:' .. limit.name .. PIECES[piece] .. ':' .. scope
end

local function isKept(limit, piece)
    return floor(limit.kept / 2 ^ piece) % 2 == 1
end

local function unpackCells(packed)
    local cells = { read(CELLS_FORM, packed, STAMP + 1) }
    cells[DIRTY] = false
    return cells
end

local function cellsOf(scope, limit, piece)
    local cells = limit.cells[piece]
    if cells then return cells end
    if isKept(limit, piece) then
        cells = parsed(unpackCells, fetchKept(ringField(scope, limit, piece)))
    else
        -- Room for all pieces at once: most that begin a ring go on to fill it.
        if limit.kept == 0 then
            limit.cells = { false, false, false, false, false, false, false, false, false, false, false, false, false,
                false, false, false, [0] = false }
        end
        cells = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false }
    end
    limit.cells[piece] = cells
    return cells
end

-- Reads all pieces of the ring at once.
local function loadRing(scope, limit)
    local fields, pieces = {}, {}
    for piece = 0, RING_PIECES - 1 do
        if not limit.cells[piece] and isKept(limit, piece) then
            fields[#fields + 1], pieces[#pieces + 1] = ringField(scope, limit, piece), piece
        end
    end
    local values = fetchAll(fields)
    for place = 1, #fields do limit.cells[pieces[place]] = parsed(unpackCells, values[place]) end
end

local function addToRing(scope, limit, subWindow, count)
    local place = subWindow % RING_LENGTH
    local cell = place % RING_PIECE + 1
    local piece = (place - cell + 1) / RING_PIECE
    local cells = limit.cells[piece] or cellsOf(scope, limit, piece)
    local before, added = cells[cell], count
    if before + count > SUB_WINDOW_MAXIMUM then added = SUB_WINDOW_MAXIMUM - before end
    cells[cell] = before + added
    if not cells[DIRTY] then
        cells[DIRTY], limit.packedCount = true, nil
        if not isKept(limit, piece) then limit.kept = limit.kept + 2 ^ piece end
        if limit.dirty then limit.dirty[#limit.dirty + 1] = piece else limit.dirty = { piece } end
    end
    return added
end

local function ringCount(scope, limit, subWindow)
    local place = subWindow % RING_LENGTH
    local piece = floor(place / RING_PIECE)
    if not limit.cells[piece] and not isKept(limit, piece) then return 0 end
    return cellsOf(scope, limit, piece)[place % RING_PIECE + 1]
end

local function emptyRing(scope, limit)
    for piece = 0, limit.kept > 0 and RING_PIECES - 1 or -1 do
        if isKept(limit, piece) then remove(ringField(scope, limit, piece)) end
    end
    limit.kept, limit.cells, limit.dirty, limit.packedCount = 0, {}, nil, nil
end

local function emptyRings(scope, limits)
    for index = 1, #limits do emptyRing(scope, limits[index]) end
end

-- Collects the pieces that have changed.
local function putRings(scope, limits)
    for index = 1, #limits do
        local limit = limits[index]
        if limit.dirty then
            for _, piece in ipairs(limit.dirty) do
                local cells = limit.cells[piece]
                put(ringField(scope, limit, piece), pack(CELLS_FORM, unpack(cells, 1, RING_PIECE)))
                cells[DIRTY] = false
            end
            limit.dirty = nil
        end
    end
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
