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
