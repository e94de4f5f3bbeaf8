-- SPDX-License-Identifier: Apache-2.0
-- Who is there: rosters of the instances and of the tenants, and the record of each. Swift has dictionaries for that.
--
-- A roster is a list of names in fields of some hundred bytes, so that one that comes or goes rewrites little. New
-- names go to one piece until it is full.

local INSTANCES = { field = 'instances:', pieces = 'instancePieces', piece = 'instancePiece' }
local TENANTS = { field = 'tenants:', pieces = 'tenantPieces', piece = 'tenantPiece' }

-- Adds a name, and returns the number of its piece.
local function addName(roster, name)
    local pieces, piece, before = group[roster.pieces], group[roster.piece], ''
    if piece < pieces then
        before = string.sub(fetchKept(roster.field .. piece), STAMP + 1)
        if #before >= ROSTER_PIECE then piece, before = pieces, '' end
    end
    group[roster.pieces], group[roster.piece], group.hasChanged = max(pieces, piece + 1), piece, true
    put(roster.field .. piece, before .. name .. '\0')
    return piece
end

local function removeName(roster, piece, name)
    local before = '\0' .. string.sub(fetchKept(roster.field .. piece), STAMP + 1)
    local first, last = string.find(before, '\0' .. name .. '\0', 1, true)
    if not first then lose() end
    put(roster.field .. piece, string.sub(before, 2, first) .. string.sub(before, last + 1))
    group[roster.piece], group.hasChanged = min(piece, group[roster.piece]), true
end

-- The names in the pieces from one number to another. New names will go to the first of these that has room.
local function rosterNames(roster, from, to)
    local fields, names, hasRoom = {}, {}, nil
    for piece = from, to do fields[#fields + 1] = roster.field .. piece end
    for place, packed in ipairs(fetchAll(fields)) do
        local before = #names
        for name in string.gmatch(string.sub(packed, STAMP + 1), '[^%z]+') do names[#names + 1] = name end
        if #packed - STAMP < ROSTER_PIECE then hasRoom = hasRoom or from + place - 1 end
        if #names == before and from + place == group[roster.pieces] and place > 1 then
            remove(fields[place])
            group[roster.pieces], group.hasChanged = from + place - 1, true
        end
    end
    if hasRoom and hasRoom < group[roster.piece] then group[roster.piece], group.hasChanged = hasRoom, true end
    return names
end

local function isInRoster(roster, name)
    local fields = {}
    for piece = 0, group[roster.pieces] - 1 do fields[#fields + 1] = roster.field .. piece end
    for _, packed in ipairs(fetchAll(fields)) do
        if string.find('\0' .. string.sub(packed, STAMP + 1), '\0' .. name .. '\0', 1, true) then return true end
    end
    return false
end

-- Behind an instance's numbers: its permits, by scope, and what its last exchange was granted.
local function packInstance(instance)
    local permits, count = {}, 0
    for scope, granted in pairs(instance.permits) do
        count = count + 1
        permits[count] = pack('<sI6', scope, granted)
    end
    instance.scopes = count
    return packInstanceRecord(instance) .. table.concat(permits) .. instance.reply
end

local function unpackInstance(packed)
    local instance, permits = {}, {}
    local next = records.unpackInstanceRecord(instance, packed, STAMP + 1)
    for _ = 1, instance.scopes do
        local scope, granted
        scope, granted, next = read('<sI6', packed, next)
        permits[scope] = granted
    end
    instance.permits, instance.reply = permits, string.sub(packed, next)
    return instance
end

-- Nil if there is none.
local function loadInstance(id)
    local known = group.instances[id]
    if known then return known end
    local packed = fetch('i:' .. id)
    if not packed then return nil end
    known = parsed(unpackInstance, packed)
    group.instances[id], group.known = known, group.known + 1
    return known
end

local function addInstance(id, instance)
    instance.piece = addName(INSTANCES, id)
    group.instances[id], group.known, group.alive = instance, group.known + 1, group.alive + 1
    group.members = group.alive
    group.hasSwept = true
end

local function saveInstance(id, instance)
    put('i:' .. id, packInstance(instance))
end

-- Looks at one piece of the tenants' roster: those idle for long are forgotten.
local function forgetIdleTenants()
    if group.tenantPieces == 0 then return end
    local piece = group.tenantSwept % group.tenantPieces
    group.tenantSwept = piece + 1
    local names, fields = {}, {}
    for _, name in ipairs(rosterNames(TENANTS, piece, piece)) do
        if not group.tenants[name] then names[#names + 1], fields[#fields + 1] = name, 't:' .. name end
    end
    for place, packed in ipairs(fetchAll(fields)) do
        local budget = parsed(unpackTenant, packed)
        if group.now - budget.touched > group.tenantIdle then
            emptyRings(names[place], budget.limits)
            remove(fields[place])
            removeName(TENANTS, piece, names[place])
        end
    end
end
