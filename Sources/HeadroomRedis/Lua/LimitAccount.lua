-- SPDX-License-Identifier: Apache-2.0
-- One limit: how it begins, how it is packed, and its own count.

local function ringKey(scope, limit)
    if scope == PRODUCT then return prefix .. 'ring:product:' .. limit[NAME] end
    return prefix .. 'ring:tenant:' .. scope .. ':' .. limit[NAME]
end

-- A limit that begins: a ring of an earlier one of the same name must not count.
local function newLimit(scope, name, kind, window, configured, capacity, ceiling)
    local cushion = kind == PACED and MARGIN_START or 0
    local limit = { kind, window, configured, capacity, ceiling, 0, 0, 0, 0, cushion, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, name }
    if kind == ROLLING then call('DEL', ringKey(scope, limit)) end
    return limit
end

-- What changes rarely is packed once, and anew when `limit.head` was emptied.
local function packLimit(limit)
    local kind = limit[KIND]
    if not limit.head then limit.head = pack(HEAD_FORM, limit[NAME], unpack(limit, KIND, CANDIDATES)) end
    return limit.head .. pack(FORMS[kind], unpack(limit, FIRST[kind], LAST[kind]))
end

local function unpackLimit(packed, from)
    local name, kind, window, configured, capacity, ceiling, candidate, candidates, next =
        read(HEAD_FORM, packed, from)
    local limit = { kind, window, configured, capacity, ceiling, candidate, candidates }
    local own = { read(FORMS[kind], packed, next) }
    for field = NEXT, FIELDS do
        limit[field] = field >= FIRST[kind] and field <= LAST[kind] and own[field - FIRST[kind] + 1] or 0
    end
    limit[NAME] = name
    return limit, own[#own]
end

-- The own count: calls age by sub-window, or end with their day.
--
-- A ring is a text of 241 numbers of 32 bits, each at its sub-window's number modulo 241. Calls of the current
-- sub-window are in the limit; the ring has them when the sub-window is past.

local function subWindowSpan(limit)
    return floor((limit[WINDOW] + SUB_WINDOWS - 1) / SUB_WINDOWS)
end

local function ringCount(ring, subWindow)
    local from = (subWindow % RING_LENGTH) * 4 + 1
    if from + 3 > #ring then return 0 end
    return (struct.unpack('<I4', ring, from))
end

local function setRing(key, limit, subWindow, count)
    touched = key
    call('SETRANGE', key, (subWindow % RING_LENGTH) * 4, struct.pack('<I4', count))
    call('PEXPIRE', key, floor(limit[WINDOW] / 500) + 60000)
end

-- Empties a piece of the ring and returns how many calls were in it.
local function clearRing(key, from, count)
    touched = key
    local piece = call('GETRANGE', key, from * 4, (from + count) * 4 - 1)
    local cleared = 0
    for place = 1, #piece - 3, 4 do cleared = cleared + struct.unpack('<I4', piece, place) end
    if cleared > 0 then call('SETRANGE', key, from * 4, string.rep('\0', #piece)) end
    return cleared
end

local function roll(scope, limit, newest)
    local subWindow = limit[SUB_WINDOW]
    if newest <= subWindow then return end
    local key = ringKey(scope, limit)
    touched = key
    if newest - subWindow >= RING_LENGTH then
        if limit[SPENT] > 0 then call('DEL', key) end
        limit[SPENT] = 0
    elseif limit[SPENT] > 0 then
        -- If Redis has lost the ring (a clock that was stepped ahead ends keys), all that was in it counts as of the
        -- newest sub-window.
        if limit[SPENT] > limit[CURRENT] and call('GETRANGE', key, 0, 0) == '' then
            limit[CURRENT] = min(limit[SPENT], SUB_WINDOW_MAXIMUM)
        end
        if limit[CURRENT] > 0 then setRing(key, limit, subWindow, limit[CURRENT]) end
        local from, count = (subWindow + 1) % RING_LENGTH, newest - subWindow
        local before = min(count, RING_LENGTH - from)
        limit[SPENT] = limit[SPENT] - clearRing(key, from, before)
        if count > before then limit[SPENT] = limit[SPENT] - clearRing(key, 0, count - before) end
    end
    limit[SUB_WINDOW], limit[CURRENT] = newest, 0
end

local function rollOver(limit, now)
    limit[SPENT], limit[DRIFT], limit[DRIFT_AT], limit[LOW_SINCE], limit[LOWEST] = 0, 0, 0, 0, 0
    limit[MARK_SEEN], limit[USED_SEEN], limit[SEEN_AT], limit[PAUSED_UNTIL], limit[PAUSES] = 0, 0, 0, 0, 0
    limit[RESETS_AT] = now - now % DAY + DAY
end

local function advanceLimit(scope, limit, now)
    if limit[KIND] == ROLLING then
        roll(scope, limit, floor(now / subWindowSpan(limit)))
    elseif limit[KIND] == DAILY and now >= limit[RESETS_AT] then
        rollOver(limit, now)
    end
end

local function spendLimit(limit, count)
    if limit[KIND] == ROLLING then
        local added = min(count, SUB_WINDOW_MAXIMUM - limit[CURRENT])
        limit[CURRENT] = limit[CURRENT] + added
        limit[SPENT] = limit[SPENT] + added
    elseif limit[KIND] == DAILY then
        limit[SPENT] = limit[SPENT] + count
    end
end

local function backfillDay(limit, count)
    limit[SPENT], limit[MARK_SEEN] = limit[SPENT] + count, limit[MARK_SEEN] + count
    limit[DRIFT] = min(limit[DRIFT], max(0, limit[DRIFT] - count))
    limit[LOWEST] = min(limit[LOWEST], max(0, limit[LOWEST] - count))
end

local function spendLimitAt(scope, limit, count, time)
    if limit[KIND] == DAILY then
        if time >= limit[RESETS_AT] - DAY then backfillDay(limit, count) end
    elseif limit[KIND] == ROLLING then
        local past = floor(time / subWindowSpan(limit))
        if past >= limit[SUB_WINDOW] then return spendLimit(limit, count) end
        if limit[SUB_WINDOW] - past >= RING_LENGTH then return end
        local key = ringKey(scope, limit)
        touched = key
        local before = ringCount(call('GETRANGE', key, 0, -1), past)
        local added = min(count, SUB_WINDOW_MAXIMUM - before)
        setRing(key, limit, past, before + added)
        limit[SPENT] = limit[SPENT] + added
    end
end
