-- SPDX-License-Identifier: Apache-2.0
-- The order in which instances that want more than there is are served: `group.queue`. The turn with a start tag is at
-- startTag + queue.delay, Swift's `turnTime`.

local function noteTurn(entitlement, pace)
    local span = floor(floor(pace * taken / 1000) * entitlement.demand / entitlement.weight)
    instance.startTag = entitlement.isUncontended and 0 or start - group.queue.delay + span
end

local function postpone(startTag, time)
    local queue = group.queue
    queue.delay = queue.delay + max(0, time - (startTag + queue.delay))
end

local function nextTurn(entitlement, wanting, openAt, pace)
    local queue = group.queue
    if not hasQueued and taken == 0 then
        hasQueued = true
        if instance.startTag == 0 then
            local room = max(1, min(entitlement.share, wanting))
            instance.startTag = max(queue.last, openAt - queue.delay) + floor(pace * room / 1000)
        elseif entitlement.hasTurn then
            postpone(instance.startTag, openAt)
        end
    end
    queue.last = max(queue.last, instance.startTag)
    return instance.startTag + queue.delay
end

local function pullForward(time, cycle)
    local queue = group.queue
    if queue.last + queue.delay > time + 2 * cycle then queue.delay = time + cycle - queue.last end
end
