-- SPDX-License-Identifier: Apache-2.0
-- The account in Redis: how it is read and written, and what is said if it cannot be read. Swift has no such file.
--
-- An account is one hash. Each field holds packed records behind a stamp, the low half of the account's epoch:
--
--   group                    version and epoch, settings, the product's capacities, the plan's limits as sent
--   clock                    the account's time: every operation writes it
--   count                    what is spent and outstanding of the product's limits; who wants what
--   seen, pauses             of the same limits: what the vendor said, pauses after 429s
--   sweep                    what the last search for expired instances found
--   ring:LIMIT:PIECE[:TENANT]  the calls of 15 sub-windows, so that an exchange rewrites few bytes
--   i:INSTANCE, t:TENANT     one instance; one tenant's budget
--   instances:N, tenants:N   rosters: the names of some instances, of some tenants
--   expired:N                16 instances that expired, and their last reports
--
-- All that an operation changes is collected, and written at its end by one HSET (and one HDEL): either happens or does
-- not, as nothing can fail between them that was not tried before. What is lost in part is lost: `lose`.

-- Of the call under way: the group, and the fields that it changes, with their new contents (false: removed).
local group, changed

local function clock()
    if given > 0 then return given end
    local time = call('TIME')
    return time[1] * 1000000 + time[2]
end

-- Milliseconds that an account is kept unused.
local function keyLife()
    return floor((group.keep + KEEP_INTERVAL) / 1000)
end

-- A part of the account is missing or cannot be read: the account is lost as a whole, and begins anew.
local function lose()
    error(LOST, 0)
end

local function unreadable(what)
    return redis.error_reply('UNREADABLE ' .. what .. ' is not what this library writes; it was not touched. Delete '
        .. key .. ' to begin anew')
end

-- Whether an error says that the user may not call a command, in the words of any version.
local function isOfRights(text)
    return (string.find(text, "can't run") or string.find(text, 'permission') or string.find(text, 'ACL'))
        and not string.find(text, 'access')
end

-- Tries every command that an operation may come to, in a form that changes nothing. Returns the one error that names
-- what the user may not call; nil if it may call all.
local function missingRights()
    local missing = ''
    local function try(name, ...)
        local answer = attempt(name, ...)
        if type(answer) == 'table' and answer.err and isOfRights(answer.err) then
            missing = missing .. ' ' .. string.lower(name)
        end
    end
    try('TIME')
    try('HMGET', key, 'group')
    try('HSET', key, 'a', 'b', 'c')
    try('HDEL', key, '')
    try('PEXPIRE', key, 'soon')
    return missing ~= '' and redis.error_reply('RIGHTS' .. missing) or nil
end

-- What Redis has in a field, or the operation will leave there; false if there is nothing.
local function fetch(field)
    local value = changed[field]
    if value ~= nil then return value end
    value = call('HMGET', key, field)[1]
    if value and string.sub(value, 1, STAMP) ~= group.stamp then lose() end
    return value
end

-- The same of a field that must be there.
local function fetchKept(field)
    return fetch(field) or lose()
end

-- The same of several.
local function fetchAll(fields)
    local values = {}
    for first = 1, #fields, FETCH_MAXIMUM do
        local last = min(#fields, first + FETCH_MAXIMUM - 1)
        local found = call('HMGET', key, unpack(fields, first, last))
        for place = first, last do
            local value = changed[fields[place]]
            if value == nil then value = found[place - first + 1] end
            if not value or string.sub(value, 1, STAMP) ~= group.stamp then lose() end
            values[place] = value
        end
    end
    return values
end

local function put(field, packed)
    changed[field] = group.stamp .. packed
end

local function remove(field)
    changed[field] = false
end

-- Unpacks a record of which the account cannot do without.
local function parsed(unpacking, ...)
    local isReadable, result = pcall(unpacking, ...)
    if not isReadable then lose() end
    return result
end

-- The ring of a rolling limit: 241 numbers, each at its sub-window's number modulo 241, in pieces of 15. Calls of the
-- current sub-window are in the limit; the ring has them when the sub-window is past. The limit has of its ring `kept`,
-- a bit for each piece that Redis has, or will have, and `cells`, the pieces that were read: each a table of its
-- numbers and, behind them, whether they have changed. Behind the pieces stands a list of those that have.

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
