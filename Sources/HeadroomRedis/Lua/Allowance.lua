-- SPDX-License-Identifier: Apache-2.0
-- How much of a want the windows, days, pauses and holds of its budgets allow, and what is short.

-- What the limits looked at so far allow, and what is short.
local allowed, shortage

local function restrict(most, cause, scope, name, retryIn, availableIn)
    if not (most < allowed or (most == allowed and most == 0)) then return end
    retryIn = max(retryIn, RETRY_MINIMUM)
    if most < allowed or retryIn > (shortage and shortage.retryIn or 0) then
        shortage = { cause = cause, scope = scope, name = name, retryIn = retryIn, availableIn = max(0, availableIn) }
    end
    allowed = most
end

local function restrictByPause(limit, scope, budget)
    local name = limit.name
    if limit.pausedUntil > now then
        local pause = limit.pausedUntil - now
        restrict(0, SHORT_LIMIT, scope, name, pause, limit.kind == DAILY and limit.resetsAt - now or pause)
    end
    if limit.pauses > 0 or isDriftStale(limit, now) then
        restrict(probe(budget, now), SHORT_LIMIT, scope, name, RETRY_LEARNING, 0)
    end
end

local function restrictByRemaining(limit, scope, budget, floorPerMille, entitlement)
    local name, outstanding = limit.name, budget.outstanding
    local left = remaining(limit, now, outstanding, floorPerMille)
    if left > 0 then
        restrict(part(entitlement, left, limit, scope), SHORT_LIMIT, scope, name, RETRY_MINIMUM, 0)
        local byVendor = limit.strangersAt > 0 and remainingByVendor(limit, now, outstanding, floorPerMille)
        if not byVendor or byVendor >= left then return end
        restrict(max(byVendor, probe(budget, now)), SHORT_LIMIT, scope, name, RETRY_SHARE, 0)
    elseif mayProbe(limit, now, left) then
        restrict(probe(budget, now), SHORT_LIMIT, scope, name, RETRY_LEARNING, 0)
    else
        local retryIn, availableIn = wait(scope, limit, 1 - left, now, outstanding)
        restrict(0, SHORT_LIMIT, scope, name, retryIn, availableIn)
    end
end

-- The result is in `allowed` and `shortage`.
local function newAllowance(scopes, wanted, floorPerMille, entitlement)
    allowed, shortage = wanted, nil
    if group.holdUntil > now then restrict(0, SHORT_HOLD, PRODUCT, '', group.holdUntil - now, group.holdUntil - now) end
    for place = 1, #scopes do
        local scope = scopes[place]
        local budget = budgetOf(scope)
        local limits = budget.limits
        if not budget.isLearned then restrict(probe(budget, now), SHORT_LEARNING, PRODUCT, '', RETRY_LEARNING, 0) end
        for index = 1, #limits do
            local limit = limits[index]
            -- Most limits have neither a pause nor a drift: that is seen without a call.
            if limit.pausedUntil > now or limit.pauses > 0 or limit.drift > 0 then
                restrictByPause(limit, scope, budget)
            end
            if limit.kind ~= PACED then restrictByRemaining(limit, scope, budget, floorPerMille, entitlement) end
        end
    end
end
