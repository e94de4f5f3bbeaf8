// SPDX-License-Identifier: Apache-2.0

import Headroom

/// An account whose exchanges are measured, and what they do.
struct ScriptSubject: Sendable {
    enum Kind: Sendable {
        /// Each settles the call that the one before was granted, and asks for another.
        case spending
        /// The same, and reports what a response's headers said.
        case observing
        /// Each gives back what the one before was granted: the number of calls in the window stays.
        case returning
        /// Spending at the pace of Keap's plan: time is simulated.
        case keap
        /// Heartbeats, one in 2.5 s of each instance: time is simulated.
        case heartbeat
    }

    let id: String
    let kind: Kind
    private var fixture: AccountFixture
    private var made = 0
    private var now: Microseconds

    init(id: String, kind: Kind, fixture: AccountFixture) {
        (self.id, self.kind, self.fixture) = (id, kind, fixture)
        now = SystemClock.now()
    }

    /// Exchanges of the last minute that spend so many calls, evenly.
    mutating func filling(with calls: Int) -> [ScriptCall] {
        let steps = min(calls, 240)
        let start = now - 59_500_000
        return (0..<steps).map { step in
            let spent = calls * (step + 1) / steps - calls * step / steps
            let request = fixture.next(settling: spent, wants: 0)
            return ScriptCall(request, in: fixture.group, now: start + 59_500_000 * Int64(step) / Int64(steps))
        }
    }

    mutating func next(_ count: Int) -> [ScriptCall] { (0..<count).map { _ in next() } }

    private mutating func next() -> ScriptCall {
        made += 1
        switch kind {
        case .spending: return ScriptCall(fixture.next(settling: made > 1 ? 1 : 0), in: fixture.group)
        case .observing:
            return ScriptCall(fixture.next(settling: made > 1 ? 1 : 0, observing: observations), in: fixture.group)
        case .returning:
            var request = fixture.next(settling: 0)
            if made > 1 { request.settlements = [Settlement(tenant: nil, unused: 1)] }
            return ScriptCall(request, in: fixture.group)
        case .keap:
            now += 42_000
            let request = fixture.next(of: made % fixture.instances.count)
            return ScriptCall(request, in: fixture.group, now: now)
        case .heartbeat:
            now += 2_500_000 / Int64(fixture.instances.count)
            let request = fixture.next(of: made % fixture.instances.count, settling: 0, wants: 0)
            return ScriptCall(request, in: fixture.group, now: now)
        }
    }

    private var observations: [Observation] {
        [(LimitName.throttle, Limit.Window.rolling(.seconds(60))), (.quota, .day)].map { name, window in
            Observation(
                limit: LimitReference(.product, name), window: window, capacity: Limit.maximumCapacity,
                used: 1_500 + made,
                mark: Int64(1_500 + made), age: 1_000)
        }
    }
}
