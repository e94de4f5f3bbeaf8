-- SPDX-License-Identifier: Apache-2.0
-- One limit: how it begins, and how it is packed.

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
