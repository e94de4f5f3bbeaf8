// SPDX-License-Identifier: Apache-2.0

/// Calls that are interchangeable for the ledger: those of one tenant, or of none, at one priority.
struct Lane: Sendable, Hashable {
    var tenant: Tenant?
    var priority: Priority
}

/// A table with one value for calls that name no tenant, and one for each tenant that was given one.
///
/// The value of calls without a tenant, the common case on the hot path, lies in place and costs no hashing.
struct TenantTable<Value> {
    var plain: Value
    var named: [Tenant: Value] = [:]
    private let fresh: Value

    init(_ fresh: Value) { (plain, self.fresh) = (fresh, fresh) }

    subscript(tenant: Tenant?) -> Value {
        _read {
            if let tenant {
                yield named[tenant] ?? fresh
            } else {
                yield plain
            }
        }
        _modify {
            if let tenant {
                let fresh = fresh
                yield &named[tenant, default: fresh]
            } else {
                yield &plain
            }
        }
    }

    /// Changes all values in place.
    mutating func forEach(_ body: (Tenant?, inout Value) -> Void) {
        body(nil, &plain)
        for index in named.indices { body(named.keys[index], &named.values[index]) }
    }

    /// All values, that of calls without a tenant first.
    var all: [(tenant: Tenant?, value: Value)] { [(nil, plain)] + named.map { ($0.key, $0.value) } }
}

extension TenantTable: Sendable where Value: Sendable {}

/// A count in all and by tenant. Only tenants with a count above 0 are kept.
struct TenantCounts: Sendable {
    private(set) var count = 0
    private var counts = TenantTable(0)

    mutating func add(_ tenant: Tenant?) {
        count += 1
        counts[tenant] += 1
    }

    mutating func remove(_ tenant: Tenant?) {
        count -= 1
        counts[tenant] -= 1
        if let tenant, counts[tenant] == 0 { counts.named[tenant] = nil }
    }

    mutating func removeAll() -> [(tenant: Tenant?, count: Int)] {
        let all = counts.all.filter { $0.value > 0 }.map { (tenant: $0.tenant, count: $0.value) }
        self = TenantCounts()
        return all
    }
}

/// A table with one value for each priority, in place.
struct PerPriority<Value> {
    private var background: Value
    private var normal: Value
    private var interactive: Value

    init(_ make: () -> Value) { (background, normal, interactive) = (make(), make(), make()) }

    subscript(priority: Priority) -> Value {
        _read {
            switch priority {
            case .background: yield background
            case .normal: yield normal
            case .interactive: yield interactive
            }
        }
        _modify {
            switch priority {
            case .background: yield &background
            case .normal: yield &normal
            case .interactive: yield &interactive
            }
        }
    }
}

extension PerPriority: Sendable where Value: Sendable {}

/// The ledger's answer to a lane that got less than it wanted: what is short, and when to ask again.
struct Advice: Sendable {
    let cause: Shortage.Cause
    /// The time before which the lane does not ask again.
    var askAt: Microseconds
    /// The earliest time at which the lane can be served, unless permits are given back.
    let availableAt: Microseconds
    /// The longest time for which the end of a lease may go unreported while this lane waits. `.max` if a report does
    /// not help the lane.
    let settleWithin: Microseconds

    /// The longest time for which the end of a lease may go unreported while a rolling window is short, in
    /// microseconds. A call counts until a window after the report of its end, so every delay is lost to the window.
    static let rollingSettleDelay: Microseconds = 10_000

    var limit: LimitReference? { if case .limit(let limit) = cause { limit } else { nil } }
}

/// The newest advice of each lane.
struct AdviceTable: Sendable {
    private var advice: [Lane: Advice] = [:]
    /// The number of lanes above which advice that is past its time is dropped.
    private static let maximum = 1_024

    subscript(lane: Lane) -> Advice? { advice[lane] }

    /// The longest time for which the end of a lease may go unreported, for the sake of all lanes that wait.
    func settleWithin(_ isWaiting: (Lane) -> Bool) -> Microseconds {
        advice.reduce(.max) { isWaiting($1.key) ? min($0, $1.value.settleWithin) : $0 }
    }

    /// Takes in an answer.
    ///
    /// - Parameters:
    ///   - shortage: what is short. `nil` if the lane got all that it wanted.
    ///   - window: the window of the limit that is short.
    ///   - slotAhead: the earliest of the instance's own slots that are still to come.
    ///   - heartbeat: the time after which the ledger is asked in any case.
    mutating func take(
        _ shortage: Shortage?, for lane: Lane, of window: Limit.Window?, slotAhead: Microseconds?,
        heartbeat: Microseconds, at now: Microseconds
    ) {
        guard let shortage else {
            advice[lane] = nil
            return
        }
        var askAt = now.after(max(shortage.retryIn, Rules.retryMinimum))
        // An operator's hold may end early.
        if shortage.cause == .hold { askAt = min(askAt, now.after(heartbeat)) }
        // Slots are shared out: the ledger grants no other before one of the instance's own has passed.
        if case .paced? = window, let slotAhead { askAt = max(askAt, slotAhead) }
        advice[lane] = Advice(
            cause: shortage.cause, askAt: askAt, availableAt: now.after(shortage.availableIn),
            settleWithin: Self.settleWithin(shortage, window))
        if advice.count > Self.maximum { advice = advice.filter { $0.value.askAt > now } }
    }

    /// The longest time without a report: none while the ledger lets one call at a time through, a short one if a
    /// window is short, any if slots are.
    private static func settleWithin(_ shortage: Shortage, _ window: Limit.Window?) -> Microseconds {
        switch (shortage.cause, window) {
        case (.learning, _): 0
        case (.hold, _), (.limit, .paced?): .max
        case (.limit, .rolling?): shortage.isBrief ? 0 : Advice.rollingSettleDelay
        case (.limit, .day?), (.limit, nil): shortage.isBrief ? 0 : .max
        }
    }

    mutating func forget(_ lane: Lane) { advice[lane] = nil }

    /// Forgets all advice: what the ledger said before a join does not hold after it.
    mutating func removeAll() { advice = [:] }
}

extension Shortage {
    /// Whether the shortage may be over at any moment.
    fileprivate var isBrief: Bool { availableIn == 0 && retryIn <= Rules.retryLearning }
}

/// The measure of how many permits a lane takes, and so of how many it should have in stock.
///
/// The stock is the larger of two numbers: the permits taken since the current span of 50 ms began, and those taken in
/// the span before. It is filled up when half of it is gone. So the stock doubles with each exchange when a burst
/// begins, never exceeds what was taken (a few calls within milliseconds are no rate), and is 0 once nobody takes
/// permits any more. There is no stock below 8 permits: at a vendor's rate of some tens of calls a second, permits are
/// asked for when they are needed; only at high rates would a round trip for each call be the limit.
struct DemandMeter: Sendable {
    /// Permits taken in the current span.
    var taken = 0
    /// Permits to have ready.
    private(set) var stock = 0
    private var since: Microseconds = 0
    /// Permits taken in the span before, scaled to the length of a span.
    private var before = 0

    /// The length of a span in microseconds.
    static let span: Microseconds = 50_000
    /// The fewest permits that are a stock.
    static let minimum = 8
    /// The most permits that are a stock.
    static let maximum = 1_000_000

    var isIdle: Bool { taken == 0 && before == 0 && stock == 0 }

    /// Computes the stock, and begins a new span if the current one is over.
    mutating func measure(at now: Microseconds) {
        let elapsed = now - since
        if elapsed >= Self.span {
            before = Int(Int64(taken) * Self.span / elapsed)
            (taken, since) = (0, now)
        }
        stock = min(Self.maximum, max(taken, before))
        if stock < Self.minimum { stock = 0 }
    }
}
