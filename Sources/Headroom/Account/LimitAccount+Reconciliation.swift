// SPDX-License-Identifier: Apache-2.0

/// What the vendor says of a limit: its capacity, its count, the end of its day, its 429s, its accepted calls.
extension LimitAccount {
    /// Takes in a capacity that a response reported: three that agree in a row replace the one in force.
    mutating func learn(capacity reported: Int64) {
        let reported = ceiling > 0 ? min(reported, ceiling) : reported
        guard kind != .paced || window / reported <= 2_000_000 else { return }
        guard reported != capacity else {
            (candidate, candidates) = (0, 0)
            return
        }
        candidates = reported == candidate ? candidates + 1 : 1
        candidate = reported
        if candidates >= Rules.agreements {
            (capacity, candidate, candidates) = (reported, 0, 0)
        }
    }

    /// Takes in the vendor's count, against the own count at the call's grant (its mark).
    ///
    /// For a day, the largest mark so far stands for the mark: a call that was overtaken by later ones proves no
    /// stranger, and at the day's end no newer observation would correct it. In a rolling window such a call may count
    /// as a stranger for a moment. A mark beyond the own count is of the day before, or of permits that came back
    /// unused since: it proves nothing.
    mutating func observe(used: Int64, mark: Int64, at now: Int64, outstanding: Int64) {
        guard kind != .day || mark <= spent + outstanding else { return }
        if kind == .rolling, now - seenAt > Rules.rollingSteady { usedSeen = 0 }
        if used >= usedSeen { (usedSeen, seenAt) = (used, now) }
        switch kind {
        case .rolling:
            // Calls that overtook this one are own calls as well, and still outstanding.
            if used > max(mark, spent + outstanding) + outstanding { strangersAt = now }
            noteDrift(max(0, used - mark), at: now, steady: Rules.rollingSteady)
        case .day:
            markSeen = max(markSeen, mark)
            noteDrift(used - markSeen, at: now, steady: Rules.daySteady)
        case .paced: break
        }
    }

    /// Takes in an observed drift: a larger one counts at once, a smaller one after all observed in a steady span were
    /// smaller; then the largest of those counts.
    private mutating func noteDrift(_ seen: Int64, at now: Int64, steady: Int64) {
        if kind == .rolling, now - driftAt > steady { lowSince = 0 }
        drift = effectiveDrift(at: now)
        driftAt = now
        if seen >= drift {
            (drift, lowSince, lowest) = (seen, 0, 0)
        } else if lowSince == 0 {
            (lowSince, lowest) = (now, seen)
        } else {
            lowest = max(lowest, seen)
            if now - lowSince >= steady { (drift, lowSince, lowest) = (lowest, now, seen) }
        }
    }

    /// Cuts the drift to what the vendor's largest figure of late exceeds the own count by, once all calls are settled:
    /// that figure covers all of them.
    ///
    /// A day's figure may lag: there the figure counts only if nothing newer was observed for the steady span.
    mutating func settleDrift(at now: Int64, outstanding: Int64) {
        guard outstanding == 0, usedSeen > 0, drift > 0 else { return }
        switch kind {
        case .rolling: if now - seenAt <= Rules.rollingSteady { drift = min(drift, max(0, usedSeen - spent)) }
        case .day: if now - driftAt >= Rules.daySteady { drift = min(drift, usedSeen - spent) }
        case .paced: break
        }
    }

    /// Takes in when the vendor's day ends, if that is a time within the next day. `false` if it is the end of the day
    /// before: then all that the response says is of that day.
    mutating func resetDay(at expiry: Int64, now: Int64) -> Bool {
        guard kind == .day, expiry > now - Rules.daySkew, expiry <= now + Rules.day + Rules.daySkew else { return true }
        let later = expiry - resetsAt
        guard expiry > now, later + Rules.day > Rules.daySkew else { return false }
        // The vendor's day began before the account's own ended.
        if later >= Rules.day - Rules.daySkew { rollOver(at: now) }
        // The vendor's `date` is cut to seconds: the end seen wobbles by one, and the later one is the safe one.
        if later > 0 || later < -2_000_000 { resetsAt = expiry }
        return true
    }

    /// Takes in calls that were answered with 429: more cushion, and a pause that grows.
    mutating func reject(
        _ count: Int64, mark: Int64?, retryAfter: Int64, jitter: Int64, at now: Int64, outstanding: Int64
    ) {
        if retryAfter > 0 { pausedUntil = max(pausedUntil, now + retryAfter) }
        guard kind != .paced else {
            cushion = min(Rules.marginMaximum, cushion + Rules.marginStep * count)
            return
        }
        // More steps than the whole cushion are as good as that: with the largest capacity the product would not fit.
        let steps = min(count, Rules.cushionMaximum / Rules.cushionStep)
        cushion = min(capacity * Rules.cushionMaximum, cushion + capacity * Rules.cushionStep * steps)
        if let mark { observe(used: capacity, mark: mark, at: now, outstanding: outstanding) }
        guard now >= pausedUntil || pauses == 0 else { return }
        let span = kind == .day ? Rules.dayPause : Rules.pauseFirst << min(pauses, Rules.pauseDoublings)
        pauses += 1
        pausedUntil = max(pausedUntil, now + span * (750 + jitter / 2) / 1000)
        if kind == .day { pausedUntil = min(pausedUntil, resetsAt) }
    }

    /// Takes in calls that were accepted: the pause ends, and each call takes `tolerance × step` from the cushion.
    mutating func accept(_ count: Int64, tolerance: Int64, at now: Int64) {
        if count > 0, pauses > 0, now >= pausedUntil {
            pauses = 0
            // What the 429 said of the use is disproved. A day has no window in which that drift would become stale.
            if kind == .day { (drift, lowSince) = (min(drift, 0), 0) }
        }
        if count > 0, isDriftStale(at: now) { drift = 0 }
        let step = kind == .paced ? Rules.marginStep * tolerance / 1_000_000 : capacity * 5 * tolerance / 1000
        let least = kind == .paced ? Rules.marginMinimum : 0
        guard step > 0, cushion > least else { return }
        cushion -= min(cushion - least, step * min(count, (cushion - least) / step + 1))
    }
}
