// SPDX-License-Identifier: Apache-2.0

import Headroom

/// The counts of one window limit: the truth, what processors know of it, and its peaks.
struct WindowBook: Sendable {
    let limit: WindowLimit
    private let view: CounterView
    private var counter: WindowCounter
    /// Calls since the last meeting, by the processor that counted them.
    private var unreported: [Tally]
    private var passed = Tally()
    /// Calls that passed every policy, since the start.
    private(set) var total = 0
    /// The most calls that passed in any span of one window.
    private(set) var peak = 0
    /// The highest count of a window as the vendor counts it, calls from before the start and counted rejections
    /// included.
    private(set) var peakCounted = 0

    init(_ limit: WindowLimit, view: CounterView, used: Int = 0, start: Microseconds) {
        (self.limit, self.view) = (limit, view)
        counter = WindowCounter(limit)
        unreported = view.span == nil ? [] : Array(repeating: Tally(), count: view.processors)
        if used > 0 { seed(used, start: start) }
    }

    /// The true count of the current window.
    var used: Int { counter.used }

    /// Brings the book to a moment, which is not before any other it was given.
    mutating func advance(to now: Microseconds) {
        counter.advance(to: now)
        let start = counter.start(at: now)
        for index in unreported.indices { unreported[index].drop(before: start) }
    }

    /// Whether the processor that got a call has room for it.
    func hasRoom(on processor: Int) -> Bool { enforced(by: processor) < limit.capacity }

    /// Counts one call.
    mutating func count(at now: Microseconds, on processor: Int, passed didPass: Bool) {
        counter.add(at: now)
        peakCounted = max(peakCounted, counter.used)
        if !unreported.isEmpty { unreported[processor].add(at: now) }
        guard didPass else { return }
        total += 1
        passed.drop(before: now - limit.window.microseconds + 1)
        passed.add(at: now)
        peak = max(peak, passed.sum)
    }

    /// Lets the processors report to each other what they counted.
    mutating func meet() {
        for index in unreported.indices { unreported[index].clear() }
    }

    /// Begins new totals and peaks; the window stays.
    mutating func resetPeaks() { (total, peak, peakCounted) = (0, 0, counter.used) }

    /// The reading that headers show after a call.
    func reading(on processor: Int, at now: Microseconds) -> WindowReading {
        WindowReading(limit: limit, used: reported(by: processor), end: counter.end(at: now))
    }

    private func enforced(by processor: Int) -> Int {
        guard case .distributed = view else { return counter.used }
        return known(to: processor)
    }

    private func reported(by processor: Int) -> Int {
        guard case .reportedLate = view else { return known(to: processor) }
        return max(0, counter.used - unreported.reduce(0) { $0 + $1.sum })
    }

    private func known(to processor: Int) -> Int {
        guard !unreported.isEmpty else { return counter.used }
        let ofOthers = unreported.reduce(0) { $0 + $1.sum } - unreported[processor].sum
        return max(0, counter.used - ofOthers)
    }

    /// Calls of before the start. A rolling window gets them spread over its span, so that they leave one by one.
    private mutating func seed(_ used: Int, start: Microseconds) {
        defer { peakCounted = counter.used }
        guard limit.counting == .rolling else {
            counter.add(used, at: start)
            return
        }
        let length = limit.window.microseconds
        for index in 0..<used {
            counter.add(at: start - length + 1 + Int64(Double(length - 1) * Double(index + 1) / Double(used)))
        }
    }
}
