-- SPDX-License-Identifier: Apache-2.0
-- Holds all grants of the group for a time, or resumes them (a span of 0).

local function hold(keys, arguments)
    local known, refused = load(keys, arguments)
    if refused then return refused end
    takeHead()
    if not known then return { 0, correlation } end
    local now, span = advance(clock()), takeNumber()
    group.holdUntil = span > 0 and now + span or 0
    save()
    return { 1, correlation }
end

hold = guarded(hold)
