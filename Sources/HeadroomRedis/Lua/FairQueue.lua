-- SPDX-License-Identifier: Apache-2.0
-- The order in which instances that want more than there is are served: `group.queue`.

local function turnTime(startTag)
    return startTag + group.queue.delay
end

local function noteTurn(entitlement, pace)
    local span = floor(span(pace, taken) * entitlement.demand / entitlement.weight)
    instance.startTag = entitlement.isUncontended and 0 or start - group.queue.delay + span
end

local function postpone(startTag, time)
    local queue = group.queue
    queue.delay = queue.delay + max(0, time - turnTime(startTag))
end

local function nextTurn(entitlement, wanting, openAt, pace)
    local queue = group.queue
    if not hasQueued and taken == 0 then
        hasQueued = true
        if instance.startTag == 0 then
            local room = max(1, min(entitlement.share, wanting))
            instance.startTag = max(queue.last, openAt - queue.delay) + span(pace, room)
        elseif entitlement.hasTurn then
            postpone(instance.startTag, openAt)
        end
    end
    queue.last = max(queue.last, instance.startTag)
    return turnTime(instance.startTag)
end

local function pullForward(time, cycle)
    local queue = group.queue
    if turnTime(queue.last) > time + 2 * cycle then queue.delay = time + cycle - queue.last end
end
