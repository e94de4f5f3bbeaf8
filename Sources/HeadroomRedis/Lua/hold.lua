-- SPDX-License-Identifier: Apache-2.0
-- Holds all grants of the group for a time, or resumes them (a span of 0).

local function hold(keys, arguments)
    local known, refused = load(keys, arguments)
    if refused then return refused end
    if not known then return 0 end
    local time, span = clock(takeNumber()), takeNumber()
    local now = advance(time)
    group.holdUntil = span > 0 and now + span or 0
    save()
    return 1
end
