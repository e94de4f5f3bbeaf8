// SPDX-License-Identifier: Apache-2.0

/// What is left of a limit, and if nothing is left, when that changes.
extension LimitAccount {
    /// The drift as it counts at a time.
    ///
    /// A rolling window's drift counts in full for one window from its last observation: what strangers called may have
    /// been called at once, just before.
    package func effectiveDrift(at now: Int64) -> Int64 { isDriftStale(at: now) ? 0 : drift }

    /// Whether strangers were seen, but not for a whole window: one call has to find out what they do now.
    func isDriftStale(at now: Int64) -> Bool { kind == .rolling && drift > 0 && now - driftAt >= window }

    /// The cushion in whole calls.
    package var cushionCalls: Int64 { cushion / 1_000_000 }

    /// What is left by the own count: `capacity − spent − outstanding − drift − cushion − floor`.
    ///
    /// - Parameter floorPerMille: the part of the capacity that the caller's priority leaves to others.
    func remaining(at now: Int64, outstanding: Int64, floorPerMille: Int64) -> Int64 {
        capacity - spent - outstanding - effectiveDrift(at: now) - cushionCalls - capacity * floorPerMille / 1000
    }

    /// What is left by the vendor's newest figures alone: `capacity − used − outstanding − floor`. `nil` if the vendor
    /// reported nothing within the last seconds, or if there are no strangers.
    ///
    /// *Why beside the own count:* own calls that left the account's rolling window may still count in the vendor's, if
    /// its minute is a calendar minute. *Why only with strangers:* without them the own count, of a rolling window and
    /// from the grant on, is never below the vendor's. The figure errs on the safe side, as `used` contains some of
    /// what is outstanding.
    func remainingByVendor(at now: Int64, outstanding: Int64, floorPerMille: Int64) -> Int64? {
        guard kind == .rolling, usedSeen > 0, now - seenAt <= Rules.rollingSteady, strangersAt > 0,
            now - strangersAt <= 2 * window
        else { return nil }
        return capacity - usedSeen - outstanding - capacity * floorPerMille / 1000
    }

    /// Whether a single call may find out if nothing is left of a day: after a 429, and if only the vendor's figure is
    /// in the way and is minutes old. A wrong figure would count until the day rolls over otherwise.
    func mayProbe(at now: Int64, remaining: Int64) -> Bool {
        kind == .day && pausedUntil <= now
            && (pauses > 0 || (drift > 0 && remaining + drift > 0 && now - driftAt >= Rules.dayPause))
    }

    /// When enough sub-windows have left that `needed` calls fewer count. `nil` if all of them are not enough.
    func release(of needed: Int64) -> Int64? {
        var freed: Int64 = 0
        for past in (subWindow - Rules.subWindows)...subWindow {
            freed += past == subWindow ? current : Int64(ring[ringIndex(of: past)])
            if freed >= needed { return (past + Rules.ringLength) * subWindowSpan }
        }
        return nil
    }

    /// When to ask again, and the earliest time at which anything can be granted, if `needed` calls are missing: both
    /// from now, in microseconds.
    ///
    /// What is outstanding may be given back at any time: if that would be enough, nothing is out of reach for long.
    func wait(for needed: Int64, at now: Int64, outstanding: Int64) -> (retryIn: Int64, availableIn: Int64) {
        var (retryIn, availableIn) =
            kind == .rolling ? rollingWait(for: needed, at: now) : dayWait(for: needed, at: now)
        if outstanding > 0 { retryIn = min(retryIn, Rules.retryOutstanding) }
        if outstanding >= needed { availableIn = min(availableIn, Rules.retryOutstanding) }
        return (retryIn, availableIn)
    }

    private func dayWait(for needed: Int64, at now: Int64) -> (Int64, Int64) {
        let reset = resetsAt - now
        // `1 - needed` is what is left.
        let isProbedLater = drift > 0 && 1 - needed + drift > 0 && driftAt + Rules.dayPause > now
        return (isProbedLater ? min(reset, driftAt + Rules.dayPause - now) : reset, reset)
    }

    private func rollingWait(for needed: Int64, at now: Int64) -> (Int64, Int64) {
        let release = release(of: needed)
        let retryIn = release.map { $0 - now } ?? Rules.retryOutstanding
        let releaseIn = release.map { $0 - now } ?? 0
        guard effectiveDrift(at: now) > 0 else { return (retryIn, releaseIn) }
        let staleIn = driftAt + window - now
        return (min(retryIn, staleIn), min(releaseIn, staleIn))
    }

    /// The distance of two slots, in nanoseconds: `(1 + margin) × window / capacity`.
    package var spacing: Int64 {
        let base = window * 1000 / capacity
        return base + base * cushion / 1_000_000
    }

    /// How many calls of the limit's capacity fall into the horizon, at least one.
    var capacityInHorizon: Int64 { max(1, capacity * Rules.horizon / window) }
}
