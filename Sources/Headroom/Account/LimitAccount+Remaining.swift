// SPDX-License-Identifier: Apache-2.0

extension LimitAccount {
    /// The drift as it counts at `now`. A rolling window's counts for one window from its last observation: what
    /// strangers called may have been called at once, just before.
    package func effectiveDrift(at now: Int64) -> Int64 { isDriftStale(at: now) ? 0 : drift }

    /// Whether strangers were seen, but not for a whole window: one call has to find out what they do now.
    func isDriftStale(at now: Int64) -> Bool { kind == .rolling && drift > 0 && now - driftAt >= window }

    /// The cushion in whole calls.
    package var cushionCalls: Int64 { cushion / 1_000_000 }

    /// What is left: capacity − spent − outstanding − drift − cushion − what the priority leaves to others.
    func remaining(at now: Int64, outstanding: Int64, floor: Int64) -> Int64 {
        capacity - spent - outstanding - effectiveDrift(at: now) - cushionCalls - capacity * floor / 1000
    }

    /// What is left by the vendor's newest figures alone: capacity − used − outstanding − what the priority leaves to
    /// others.
    ///
    /// Some of what is outstanding is in `used` already, so it errs on the safe side. Own calls that left our window
    /// may still count in the vendor's, if its minute is a calendar minute. Nil where nothing was heard of late, and
    /// where there are no strangers: then our count, of a rolling window and from the grant on, is never below the
    /// vendor's.
    func told(at now: Int64, outstanding: Int64, floor: Int64) -> Int64? {
        guard kind == .rolling, usedSeen > 0, now - seenAt <= Rules.rollingSteady, strangersAt > 0,
            now - strangersAt <= 2 * window
        else { return nil }
        return capacity - usedSeen - outstanding - capacity * floor / 1000
    }

    /// Whether a single call may find out where nothing of a day is left: after a 429, and where only what the vendor
    /// said is in the way and it has said nothing for minutes. A wrong figure would hold until the day turns otherwise.
    func mayProbe(at now: Int64, remaining: Int64) -> Bool {
        kind == .day && pausedUntil <= now
            && (pauses > 0 || (drift > 0 && remaining + drift > 0 && now - driftAt >= Rules.dayPause))
    }

    /// When enough sub-windows have left that `needed` calls fewer count; nil where all of them are not enough.
    func release(of needed: Int64) -> Int64? {
        var freed: Int64 = 0
        for past in (cell - Rules.parts)...cell {
            freed += past == cell ? current : Int64(ring[place(of: past)])
            if freed >= needed { return (past + Rules.cells) * cellSpan }
        }
        return nil
    }

    /// When to ask again, and the earliest time that anything can be granted, where `needed` calls are missing.
    ///
    /// What is outstanding may be given back at any time: where that would be enough, nothing is out of reach for long.
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
        let isTried = drift > 0 && 1 - needed + drift > 0 && driftAt + Rules.dayPause > now
        return (isTried ? min(reset, driftAt + Rules.dayPause - now) : reset, reset)
    }

    private func rollingWait(for needed: Int64, at now: Int64) -> (Int64, Int64) {
        let release = release(of: needed)
        let retryIn = release.map { $0 - now } ?? Rules.retryOutstanding
        let releaseIn = release.map { $0 - now } ?? 0
        guard effectiveDrift(at: now) > 0 else { return (retryIn, releaseIn) }
        let stale = driftAt + window - now
        return (min(retryIn, stale), min(releaseIn, stale))
    }

    /// The distance of two slots, in nanoseconds: (1 + margin) × window / capacity.
    package var spacing: Int64 {
        let base = window * 1000 / capacity
        return base + base * cushion / 1_000_000
    }
}
