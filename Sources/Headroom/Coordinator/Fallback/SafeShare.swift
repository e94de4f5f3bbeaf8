// SPDX-License-Identifier: Apache-2.0

/// What one instance may do by itself while the ledger is out of reach, and what it did.
///
/// An account of one instance, kept by the code of the memory ledger. It has every limit twice: whole, as the vendor's
/// headers speak of it, and as this instance's part; a call needs both. It begins with what the ledger last told and
/// what the instance holds and has spent.
struct SafeShare: Sendable {
    /// When the ledger was given up.
    let begun: Microseconds
    /// By how many the limits are divided; nil: not at all, everything is granted.
    let members: Int64?
    /// How permits ended and what responses said, for this account.
    var box = Outbox()
    /// When the ledger will be trusted again, once it has answered: all others that worked without it have told by then
    /// what they spent. Nil while it is out of reach.
    var endsAt: Microseconds?
    /// When to tell the ledger what was spent, once it has answered.
    var reportsAt: Microseconds = .min
    /// Permits granted.
    private(set) var granted: Int64 = 0

    private let instance: InstanceID
    private let timeOffset: Microseconds
    private var account: GroupAccount
    /// Until when slots are farther apart than they need be; nil: they are not any more.
    private var cautiousUntil: Microseconds?
    /// Parts that are not yet what they will be.
    private var narrow: [SharePart]
    private var sequence: Int64 = 0
    /// Permits given back since the ledger was told what the instance holds.
    private var unused = TenantCounts()
    private let empty: SpentHistory
    private var spent: SpentHistory

    init(_ beginning: ShareBeginning, at now: Microseconds) {
        (begun, members, instance) = (now, beginning.members, beginning.instance)
        timeOffset = beginning.wallNow - now
        (empty, spent) = (beginning.history.emptied(), beginning.history.emptied())
        (account, narrow) = beginning.account(at: now)
        if let members, members > 1 {
            cautiousUntil = account.now + beginning.settings.suspectAfter + Rules.expiryInterval
        }
    }

    /// Marks of this account mean nothing to the ledger.
    var epoch: Int64 { account.epoch }

    /// Settles what ended, and reserves.
    mutating func exchange(_ wants: [Want], pooled: Int, jitter: Int, at now: Microseconds) -> Exchange? {
        let time = now + timeOffset
        widen(at: time)
        sequence += 1
        var request = ExchangeRequest(
            instance: instance, epoch: epoch, sequence: sequence, jitter: jitter, pooled: pooled, wants: wants)
        box.move(to: &request, at: now)
        guard case .done(var exchange) = account.exchange(request, at: time) else { return nil }
        for index in exchange.grants.indices {
            granted += Int64(exchange.grants[index].count)
            exchange.grants[index].shortage?.cause.nameWhole()
        }
        return exchange
    }

    /// Notes calls that the ledger has to be told of.
    mutating func spend(_ tenant: Tenant?, _ count: Int, at now: Microseconds) { spent.add(tenant, count, at: now) }

    /// Notes a permit that was given back.
    mutating func giveBack(_ tenant: Tenant?) { unused.add(tenant) }

    /// Takes out what was given back.
    mutating func takeUnused() -> [(tenant: Tenant?, count: Int)] { unused.removeAll() }

    /// Takes out what the ledger has to be told of.
    mutating func takeUnreported(at now: Microseconds) -> [SpentCalls] {
        let entries = spent.entries(at: now)
        spent = empty
        unused = TenantCounts()
        return entries
    }

    private mutating func widen(at time: Microseconds) {
        if let end = cautiousUntil, end <= time {
            cautiousUntil = nil
            account.endCaution()
        }
        guard narrow.contains(where: { $0.widensAt <= time }) else { return }
        for part in narrow where part.widensAt <= time { account.allow(part.later, of: part.limit) }
        narrow.removeAll { $0.widensAt <= time }
    }
}

extension Shortage.Cause {
    /// Callers know the limits, not the parts.
    fileprivate mutating func nameWhole() {
        if case .limit(let limit) = self { self = .limit(LimitReference(limit.scope, limit.name.ofWhole)) }
    }
}
