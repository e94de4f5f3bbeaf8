-- SPDX-License-Identifier: Apache-2.0
-- Holds all grants of the group for a span, or resumes them (a span of 0).

local function hold()
    local isKnown, problem = load()
    if problem then return problem end
    if not isKnown then return { 0, correlation } end
    local now, span = advance(clock()), takeNumber()
    group.holdUntil, group.hasChanged = span > 0 and now + span or 0, true
    commit()
    return { 1, correlation }
end
