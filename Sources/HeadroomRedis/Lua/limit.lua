-- SPDX-License-Identifier: Apache-2.0
-- One limit: its sub-windows, its day, what is left of it.

local function cellSpan(limit)
    return floor((limit[WINDOW] + PARTS - 1) / PARTS)
end

local function ringKey(scope, limit)
    if scope == PRODUCT then return prefix .. 'ring:product:' .. limit[NAME] end
    return prefix .. 'ring:tenant:' .. scope .. ':' .. limit[NAME]
end

-- A limit that begins: a ring of an earlier one of the same name must not count.
local function newLimit(scope, name, kind, window, configured, capacity, ceiling)
    local limit = { kind, window, configured, capacity, ceiling, 0, 0, 0, 0, kind == PACED and MARGIN_START or 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, name }
    if kind == ROLLING then call('DEL', ringKey(scope, limit)) end
    return limit
end

-- What changes rarely is packed once, and anew when `limit.head` was emptied.
local function packLimit(limit)
    local kind = limit[KIND]
    if not limit.head then limit.head = pack(HEAD_FORM, limit[NAME], unpack(limit, KIND, CANDIDATES)) end
    return limit.head .. pack(FORMS[kind], unpack(limit, FIRST[kind], LAST[kind]))
end

local function readLimit(packed, from)
    local name, kind, window, configured, capacity, ceiling, candidate, candidates, next = read(HEAD_FORM, packed, from)
    local limit = { kind, window, configured, capacity, ceiling, candidate, candidates }
    local own = { read(FORMS[kind], packed, next) }
    for field = NEXT, FIELDS do
        limit[field] = field >= FIRST[kind] and field <= LAST[kind] and own[field - FIRST[kind] + 1] or 0
    end
    limit[NAME] = name
    return limit, own[#own]
end

local function ringCount(ring, cell)
    local at = (cell % CELLS) * 4 + 1
    if at + 3 > #ring then return 0 end
    return (struct.unpack('<I4', ring, at))
end

local function setRing(key, limit, cell, count)
    touched = key
    call('SETRANGE', key, (cell % CELLS) * 4, struct.pack('<I4', count))
    call('PEXPIRE', key, floor(limit[WINDOW] / 500) + 60000)
end

-- Empties a piece of the ring and returns how many calls were in it.
local function clearRing(key, from, count)
    touched = key
    local piece = call('GETRANGE', key, from * 4, (from + count) * 4 - 1)
    local cleared = 0
    for at = 1, #piece - 3, 4 do cleared = cleared + struct.unpack('<I4', piece, at) end
    if cleared > 0 then call('SETRANGE', key, from * 4, string.rep('\0', #piece)) end
    return cleared
end

local function roll(scope, limit, newest)
    local cell = limit[CELL]
    if newest <= cell then return end
    local key = ringKey(scope, limit)
    touched = key
    if newest - cell >= CELLS then
        if limit[SPENT] > 0 then call('DEL', key) end
        limit[SPENT] = 0
    elseif limit[SPENT] > 0 then
        -- Where Redis has lost the ring (a clock that was stepped ahead ends keys), all that was in it counts as of the
        -- newest one.
        if limit[SPENT] > limit[CURRENT] and call('GETRANGE', key, 0, 0) == '' then
            limit[CURRENT] = min(limit[SPENT], CELL_MAXIMUM)
        end
        if limit[CURRENT] > 0 then setRing(key, limit, cell, limit[CURRENT]) end
        local from, count = (cell + 1) % CELLS, newest - cell
        local before = min(count, CELLS - from)
        limit[SPENT] = limit[SPENT] - clearRing(key, from, before)
        if count > before then limit[SPENT] = limit[SPENT] - clearRing(key, 0, count - before) end
    end
    limit[CELL], limit[CURRENT] = newest, 0
end

local function turnDay(limit, now)
    limit[SPENT], limit[DRIFT], limit[DRIFT_AT], limit[LOW_SINCE], limit[LOWEST] = 0, 0, 0, 0, 0
    limit[MARK_SEEN], limit[USED_SEEN], limit[SEEN_AT], limit[PAUSED_UNTIL], limit[PAUSES] = 0, 0, 0, 0, 0
    limit[RESETS_AT] = now - now % DAY + DAY
end

local function advanceLimit(scope, limit, now)
    if limit[KIND] == ROLLING then
        roll(scope, limit, floor(now / cellSpan(limit)))
    elseif limit[KIND] == DAILY and now >= limit[RESETS_AT] then
        turnDay(limit, now)
    end
end

local function spendLimit(limit, count)
    if limit[KIND] == ROLLING then
        local added = min(count, CELL_MAXIMUM - limit[CURRENT])
        limit[CURRENT] = limit[CURRENT] + added
        limit[SPENT] = limit[SPENT] + added
    elseif limit[KIND] == DAILY then
        limit[SPENT] = limit[SPENT] + count
    end
end

local function isDriftStale(limit, now)
    return limit[KIND] == ROLLING and limit[DRIFT] > 0 and now - limit[DRIFT_AT] >= limit[WINDOW]
end

local function effectiveDrift(limit, now)
    return isDriftStale(limit, now) and 0 or limit[DRIFT]
end

local function cushionCalls(limit)
    return floor(limit[CUSHION] / 1000000)
end

local function remainingOf(limit, now, outstanding, reserved)
    return limit[CAPACITY] - limit[SPENT] - outstanding - effectiveDrift(limit, now) - cushionCalls(limit)
        - floor(limit[CAPACITY] * reserved / 1000)
end

-- What is left by the vendor's newest figures alone; nil where nothing was heard of late.
local function toldOf(limit, now, outstanding, reserved)
    if limit[KIND] ~= ROLLING or limit[USED_SEEN] <= 0 or now - limit[SEEN_AT] > ROLLING_STEADY then return nil end
    if limit[STRANGERS_AT] <= 0 or now - limit[STRANGERS_AT] > 2 * limit[WINDOW] then return nil end
    return limit[CAPACITY] - limit[USED_SEEN] - outstanding - floor(limit[CAPACITY] * reserved / 1000)
end

local function mayProbe(limit, now, remaining)
    return limit[KIND] == DAILY and limit[PAUSED_UNTIL] <= now
        and (limit[PAUSES] > 0
            or (limit[DRIFT] > 0 and remaining + limit[DRIFT] > 0 and now - limit[DRIFT_AT] >= DAY_PAUSE))
end

-- When enough sub-windows have left that `needed` calls fewer count; nil where all of them are not enough. The oldest
-- comes first; those without calls are passed over at once.
local function release(scope, limit, needed)
    touched = ringKey(scope, limit)
    local ring, cell, freed = call('GETRANGE', touched, 0, -1), limit[CELL], 0
    local oldest = (cell + 1) % CELLS
    for _, part in ipairs({ { oldest, CELLS, cell - CELLS + 1 - oldest }, { 0, oldest - 1, cell - oldest + 1 } }) do
        local from, to, offset = part[1], part[2], part[3]
        while from < to do
            local found = string.find(ring, '[^%z]', from * 4 + 1)
            from = found and floor((found - 1) / 4) or to
            if from < to then
                freed = freed + ringCount(ring, from)
                if freed >= needed then return (from + offset + CELLS) * cellSpan(limit) end
                from = from + 1
            end
        end
    end
    return freed + limit[CURRENT] >= needed and (cell + CELLS) * cellSpan(limit) or nil
end

local function dayWait(limit, needed, now)
    local reset = limit[RESETS_AT] - now
    local tried = limit[DRIFT] > 0 and 1 - needed + limit[DRIFT] > 0 and limit[DRIFT_AT] + DAY_PAUSE > now
    return tried and min(reset, limit[DRIFT_AT] + DAY_PAUSE - now) or reset, reset
end

local function rollingWait(scope, limit, needed, now)
    local released = release(scope, limit, needed)
    local retryIn, releaseIn = released and released - now or RETRY_OUTSTANDING, released and released - now or 0
    if effectiveDrift(limit, now) <= 0 then return retryIn, releaseIn end
    local stale = limit[DRIFT_AT] + limit[WINDOW] - now
    return min(retryIn, stale), min(releaseIn, stale)
end

local function waitFor(scope, limit, needed, now, outstanding)
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

local function spacingOf(limit)
    local base = floor(limit[WINDOW] * 1000 / limit[CAPACITY])
    return base + floor(base * limit[CUSHION] / 1000000)
end

local function inHorizonOf(limit)
    return max(1, floor(limit[CAPACITY] * HORIZON / limit[WINDOW]))
end
