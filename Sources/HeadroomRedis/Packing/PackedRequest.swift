// SPDX-License-Identifier: Apache-2.0

package import Headroom

/// A request in the form in which the scripts read it: numbers as little-endian doubles of eight bytes, texts
/// NUL-terminated. Lua's numbers are doubles, too; integers up to 2^53 are exact in them.
///
/// One argument takes the place of dozens: Redis would make a string of each, and the script a number of that.
package struct PackedRequest: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    package mutating func append(_ number: Int64) {
        withUnsafeBytes(of: Double(number).bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func append(_ number: Int) { append(Int64(number)) }

    /// Appends a text without zeros in it: an id, a tenant's or a limit's name.
    package mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
    }

    mutating func append<Element>(list: [Element], _ each: (inout PackedRequest, Element) -> Void) {
        append(list.count)
        for element in list { each(&self, element) }
    }
}

// The requests, their fields in the order in which the scripts read them. -1 stands for an unknown number, an empty
// name for calls without a tenant and for the product's budget.
extension PackedRequest {
    /// A request with the fields that every request begins with.
    ///
    /// - Parameters:
    ///   - now: the time that the script takes; 0 for Redis' own.
    ///   - correlation: the number with which the answer ends, below 2^53.
    package init(at now: Microseconds, correlation: Int64) {
        self.init()
        append(now)
        append(correlation)
    }

    package mutating func append(_ request: JoinRequest) {
        append(request.instance.text)
        append(request.weight)
        append(request.proposedEpoch)
        append(request.knownEpoch)
        append(request.sequence)
        append(request.isInFallback ? 1 : 0)
        append(request.settings.timeToLive.microseconds)
        append(request.settings.tolerance)
        append(request.settings.floors.background)
        append(request.settings.floors.normal)
        append(request.settings.plan.productLimits)
        append(request.settings.plan.tenantLimits)
        append(list: request.permits) { packed, permits in
            packed.append(permits.tenant)
            packed.append(permits.count)
        }
        append(list: request.history) { packed, spent in
            packed.append(spent.tenant)
            packed.append(spent.age)
            packed.append(spent.count)
            packed.append(spent.report)
        }
    }

    package mutating func append(_ request: ExchangeRequest) {
        append(request.epoch)
        append(request.sequence)
        append(request.jitter)
        append(request.isLast ? 1 : 0)
        append(request.pooled)
        append(request.settlements.count)
        append(request.observations.count)
        append(request.rejections.count)
        append(request.wants.count)
        append(request.instance.text)
        for settlement in request.settlements { append(settlement) }
        for observation in request.observations { append(observation) }
        for rejection in request.rejections { append(rejection) }
        for want in request.wants {
            append(want.tenant)
            append(want.priority.rank)
            append(want.count)
        }
    }

    private mutating func append(_ settlement: Settlement) {
        append(settlement.tenant)
        append(settlement.spent)
        append(settlement.accepted)
        append(settlement.unused)
    }

    private mutating func append(_ rejection: RejectionReport) {
        append(rejection.limit)
        append(rejection.count)
        append(rejection.mark ?? -1)
        append(rejection.retryAfter)
    }

    package mutating func append(_ tenant: Tenant?) { append(tenant?.name ?? "") }

    private mutating func append(_ observation: Observation) {
        append(observation.limit)
        let (kind, window) = observation.window.map(Self.numbers) ?? (0, 0)
        append(kind)
        append(window)
        append(observation.capacity)
        append(observation.used ?? -1)
        append(observation.mark ?? -1)
        append(observation.expiry ?? -1)
        append(observation.date ?? -1)
        append(observation.age)
    }

    private mutating func append(_ limits: [Limit]) {
        append(list: limits) { packed, limit in
            let (kind, window) = Self.numbers(limit.window)
            packed.append(limit.name.text)
            packed.append(kind)
            packed.append(window)
            packed.append(limit.capacity)
            packed.append(limit.ceiling ?? 0)
        }
    }

    private mutating func append(_ limit: LimitReference) {
        switch limit.scope {
        case .product: append("")
        case .tenant(let tenant): append(tenant.name)
        }
        append(limit.name.text)
    }

    /// A window's kind and length in microseconds.
    private static func numbers(_ window: Limit.Window) -> (Int64, Int64) {
        switch window {
        case .rolling(let span): (LimitAccount.Kind.rolling.rawValue, span.microseconds)
        case .day: (LimitAccount.Kind.day.rawValue, Rules.day)
        case .paced(let span): (LimitAccount.Kind.paced.rawValue, span.microseconds)
        }
    }
}
