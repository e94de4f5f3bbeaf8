// SPDX-License-Identifier: Apache-2.0

/// The newest gauge of each limit, and the events that its changes are worth.
struct GaugeWatch: Sendable {
    private struct Known: Sendable {
        var gauge: LimitGauge
        var at: Microseconds
        /// The number of levels that were reported and are still reached, lowest first.
        var levelsReported = 0
        /// The drift that was last reported.
        var drift: Int64 = 0
        var isPaused = false
    }

    /// The largest number of limits that are kept. Beyond it, the limit with the oldest gauge is dropped.
    static let maximumLimits = 1_024
    private let levels: [Double]
    private let configured: [LimitReference: Int64]
    private let tenantConfigured: [LimitName: Int64]
    private var known: [LimitReference: Known] = [:]
    private var isOnHold = false
    /// The end of an operator's hold, as of the newest answer. `.min` if there is none.
    private(set) var holdUntil: Microseconds = .min

    /// - Parameter levels: shares of a limit, 0...1, that are reported when they are reached.
    init(plan: Plan, levels: [Double]) {
        self.levels = levels.sorted()
        configured = Dictionary(
            plan.productLimits.map { (LimitReference(.product, $0.name), Int64($0.capacity)) }, uniquingKeysWith: { $1 }
        )
        tenantConfigured = Dictionary(
            plan.tenantLimits.map { ($0.name, Int64($0.capacity)) }, uniquingKeysWith: { $1 })
    }

    /// The newest gauges, product first, then by tenant and name.
    var gauges: [LimitGauge] {
        known.values.map(\.gauge).sorted { left, right in
            (left.limit.scope.order, left.limit.name.text) < (right.limit.scope.order, right.limit.name.text)
        }
    }

    /// The newest gauges with their age.
    func aged(at now: Microseconds) -> [(gauge: LimitGauge, age: Microseconds)] {
        known.values.map { ($0.gauge, max(0, now - $0.at)) }
    }

    subscript(limit: LimitReference) -> LimitGauge? { known[limit]?.gauge }

    /// The end of a limit's day. `nil` if it is not known, or the limit has none.
    func reset(of limit: LimitReference) -> Microseconds? {
        guard let known = known[limit], known.gauge.resetsIn > .zero else { return nil }
        return known.at.after(known.gauge.resetsIn.microseconds)
    }

    mutating func take(_ gauges: [LimitGauge], at now: Microseconds) -> [CoordinatorEvent.Detail] {
        var events: [CoordinatorEvent.Detail] = []
        for gauge in gauges { take(gauge, at: now, &events) }
        while known.count > Self.maximumLimits, let oldest = known.min(by: { $0.value.at < $1.value.at }) {
            known[oldest.key] = nil
        }
        return events
    }

    /// Takes in how much longer an operator's hold lasts. `nil` if there is none.
    mutating func noteHold(for span: Microseconds?, at now: Microseconds) -> [CoordinatorEvent.Detail] {
        holdUntil = span.map { now.after($0) } ?? .min
        guard (span != nil) != isOnHold else { return [] }
        isOnHold.toggle()
        return [span.map { .paused(limit: nil, for: .microseconds($0)) } ?? .resumed(limit: nil)]
    }

    private mutating func take(_ gauge: LimitGauge, at now: Microseconds, _ events: inout [CoordinatorEvent.Detail]) {
        var entry = known[gauge.limit] ?? Known(gauge: gauge, at: now)
        let before = known[gauge.limit]?.gauge.capacity ?? capacity(of: gauge.limit) ?? gauge.capacity
        if before != gauge.capacity {
            events.append(.learnedLimit(limit: gauge.limit, from: before, to: gauge.capacity))
        }
        watchShare(gauge, &entry, &events)
        watchDrift(gauge, &entry, &events)
        if (gauge.pausedFor > .zero) != entry.isPaused {
            entry.isPaused.toggle()
            events.append(
                entry.isPaused
                    ? .paused(limit: gauge.limit, for: gauge.pausedFor) : .resumed(limit: gauge.limit))
        }
        (entry.gauge, entry.at) = (gauge, now)
        known[gauge.limit] = entry
    }

    /// Reports a level when the limit's share reaches it, and again only after the share was 0.05 below it.
    private func watchShare(_ gauge: LimitGauge, _ entry: inout Known, _ events: inout [CoordinatorEvent.Detail]) {
        let share = Double(gauge.used) / Double(max(1, gauge.capacity))
        while entry.levelsReported > 0, share < levels[entry.levelsReported - 1] - 0.05 { entry.levelsReported -= 1 }
        let reached = levels.prefix { share >= $0 }.count
        guard reached > entry.levelsReported else { return }
        entry.levelsReported = reached
        events.append(.nearLimit(limit: gauge.limit, share: share))
    }

    /// Reports the drift when it has changed by a twentieth of the capacity since the last report.
    private func watchDrift(_ gauge: LimitGauge, _ entry: inout Known, _ events: inout [CoordinatorEvent.Detail]) {
        guard abs(gauge.drift - entry.drift) >= max(1, gauge.capacity / 20) else { return }
        entry.drift = gauge.drift
        events.append(.drift(limit: gauge.limit, calls: gauge.drift))
    }

    private func capacity(of limit: LimitReference) -> Int64? {
        switch limit.scope {
        case .product: configured[limit]
        case .tenant: tenantConfigured[limit.name]
        }
    }
}

extension BudgetScope {
    /// A sort key: the product before tenants, tenants by name.
    fileprivate var order: String {
        switch self {
        case .product: ""
        case .tenant(let tenant): tenant.name
        }
    }
}
