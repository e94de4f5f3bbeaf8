// SPDX-License-Identifier: Apache-2.0

import Headroom

/// Requests as flat lists of arguments, in the order in which the scripts take them. -1 stands for an unknown number, an empty
/// name for calls that name no tenant, and for the product's budget.
extension RedisArguments {
    mutating func append(_ request: JoinRequest) {
        append(request.instance.text)
        append(integer: Int64(request.weight))
        append(integer: request.proposedEpoch)
        append(integer: request.knownEpoch)
        append(integer: request.settings.timeToLive.microseconds)
        append(integer: Int64(request.settings.tolerance))
        append(integer: Int64(request.settings.floors.background))
        append(integer: Int64(request.settings.floors.normal))
        append(request.settings.plan.productLimits)
        append(request.settings.plan.tenantLimits)
        append(list: request.held) { arguments, held in
            arguments.append(held.tenant)
            arguments.append(integer: Int64(held.count))
        }
        append(list: request.history) { arguments, spent in
            arguments.append(spent.tenant)
            arguments.append(integer: spent.age)
            arguments.append(integer: Int64(spent.count))
        }
    }

    mutating func append(_ request: ExchangeRequest) {
        append(request.instance.text)
        append(integer: request.epoch)
        append(integer: request.sequence)
        append(integer: Int64(request.jitter))
        append(integer: request.isLast ? 1 : 0)
        append(integer: Int64(request.pooled))
        append(list: request.settlements) { arguments, settlement in
            arguments.append(settlement.tenant)
            arguments.append(integer: Int64(settlement.spent))
            arguments.append(integer: Int64(settlement.accepted))
            arguments.append(integer: Int64(settlement.unused))
        }
        append(list: request.observations) { $0.append($1) }
        append(list: request.refusals) { arguments, refusal in
            arguments.append(refusal.limit)
            arguments.append(integer: Int64(refusal.count))
            arguments.append(integer: refusal.mark ?? -1)
            arguments.append(integer: refusal.retryAfter)
        }
        append(list: request.wants) { arguments, want in
            arguments.append(want.tenant)
            arguments.append(integer: Int64(want.priority.rawValue))
            arguments.append(integer: Int64(want.count))
        }
    }

    private mutating func append(_ observation: Observation) {
        append(observation.limit)
        let (kind, window) = observation.window.map(Self.numbers) ?? (0, 0)
        append(integer: kind)
        append(integer: window)
        append(integer: Int64(observation.capacity))
        append(integer: observation.used.map(Int64.init) ?? -1)
        append(integer: observation.mark ?? -1)
        append(integer: observation.expiry ?? -1)
        append(integer: observation.date ?? -1)
        append(integer: observation.age)
    }

    private mutating func append(_ limits: [Limit]) {
        append(list: limits) { arguments, limit in
            let (kind, window) = Self.numbers(limit.window)
            arguments.append(limit.name.text)
            arguments.append(integer: kind)
            arguments.append(integer: window)
            arguments.append(integer: Int64(limit.capacity))
            arguments.append(integer: Int64(limit.ceiling ?? 0))
        }
    }

    private mutating func append(_ limit: LimitReference) {
        switch limit.scope {
        case .product: append("")
        case .tenant(let tenant): append(tenant.name)
        }
        append(limit.name.text)
    }

    private mutating func append(_ tenant: Tenant?) { append(tenant?.name ?? "") }

    private mutating func append<Element>(
        list: [Element], _ each: (inout RedisArguments, Element) -> Void
    ) {
        append(integer: Int64(list.count))
        for element in list { each(&self, element) }
    }

    /// A window's kind and length in microseconds.
    private static func numbers(_ window: Limit.Window) -> (Int64, Int64) {
        switch window {
        case .rolling(let span): (LimitState.Kind.rolling.rawValue, span.microseconds)
        case .day: (LimitState.Kind.day.rawValue, Rules.day)
        case .paced(let span): (LimitState.Kind.paced.rawValue, span.microseconds)
        }
    }
}
