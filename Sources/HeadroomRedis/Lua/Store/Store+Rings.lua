-- SPDX-License-Identifier: Apache-2.0
-- The calls of a rolling limit by sub-window, as Redis has them. Swift has an array for that.
--
-- A ring is 241 numbers, each at its sub-window's number modulo 241, in pieces of 15. Calls of the current sub-window
-- are in the limit; the ring has them when the sub-window is past. The limit has of its ring `kept`, a bit for each
-- piece that Redis has, or will have, and `cells`, the pieces that were read: each a table of its numbers and, behind
-- them, whether they have changed. Behind the pieces stands a list of those that have.

local pieceNames = { ':1', ':2', ':3', ':4', ':5', ':6', ':7', ':8', ':9', ':10', ':11', ':12', ':13', ':14', ':15',
    ':16', [0] = ':0' }

-- The places behind the numbers of a piece, and behind the pieces of a ring.
local CHANGED <const> = 16
local CHANGED_PIECES <const> = 17

local function ringField(scope, limit, piece)
    if scope == PRODUCT then return 'ring:' .. limit.name .. pieceNames[piece] end
    return 'ring:' .. limit.name .. pieceNames[piece] .. ':' .. scope
end

local function isKept(limit, piece)
    return floor(limit.kept / 2 ^ piece) % 2 == 1
end

local function unpackCells(packed)
    local cells = { read(CELLS_FORM, packed, STAMP + 1) }
    cells[CHANGED] = false
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
                false, false, false, false, [0] = false }
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

-- Adds to the count of a sub-window what it has room for, and returns that.
local function addToRing(scope, limit, subWindow, count)
    local place = subWindow % RING_LENGTH
    local cell = place % RING_PIECE + 1
    local piece = (place - cell + 1) / RING_PIECE
    local cells = limit.cells[piece] or cellsOf(scope, limit, piece)
    local before, added = cells[cell], count
    if before + count > SUB_WINDOW_MAXIMUM then added = SUB_WINDOW_MAXIMUM - before end
    cells[cell] = before + added
    if not cells[CHANGED] then
        cells[CHANGED], limit.packedCount = true, nil
        if not isKept(limit, piece) then limit.kept = limit.kept + 2 ^ piece end
        local pieces = limit.cells[CHANGED_PIECES]
        if pieces then pieces[#pieces + 1] = piece else limit.cells[CHANGED_PIECES] = { piece } end
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
    limit.kept, limit.cells, limit.packedCount = 0, {}, nil
end

local function emptyRings(scope, limits)
    for index = 1, #limits do emptyRing(scope, limits[index]) end
end

-- Collects the pieces that have changed.
local function putRings(scope, limits)
    for index = 1, #limits do
        local limit = limits[index]
        local pieces = limit.cells[CHANGED_PIECES]
        if pieces then
            for _, piece in ipairs(pieces) do
                local cells = limit.cells[piece]
                put(ringField(scope, limit, piece), pack(CELLS_FORM, unpack(cells, 1, RING_PIECE)))
                cells[CHANGED] = false
            end
            limit.cells[CHANGED_PIECES] = false
        end
    end
end
