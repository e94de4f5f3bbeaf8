// SPDX-License-Identifier: Apache-2.0

/// The account that one instance keeps by itself while the ledger is out of reach, and the record of what it did.
///
/// The arithmetic is the memory ledger's. Every limit is there twice, whole, as the vendor's headers speak of it, and
/// as this instance's part; a call needs room in both. ``SafeShareBuilder`` sets the account up from the ledger's last
/// answers and from what the instance has in hand and has spent.
struct SafeShare: Sendable {
    /// The time at which the ledger was given up.
    let startedAt: Microseconds
    /// The number of instances by which the limits are divided. `nil` if there are no limits: everything is granted.
    let members: Int64?
    /// How permits ended and what responses said, for this account.
    var outbox = Outbox()
    /// The time at which all other instances will have reported what they spent, and the ledger can be trusted again.
    /// `nil` while the ledger is out of reach.
    var endsAt: Microseconds?
    /// The time of the next report to the ledger, once it has answered.
    var reportsAt: Microseconds = .min
    /// Permits granted.
    private(set) var granted: Int64 = 0

    private let instance: InstanceID
    private let timeOffset: Microseconds
    private var account: GroupAccount
    /// The end of the time for which slots have the cautious margin. `nil` after it.
    private var cautiousUntil: Microseconds?
    /// Parts whose second capacity is still to come.
    private var stagedParts: [SharePart]
    /// The number of the last report to the account. The first was the join.
    private var sequence: Int64 = 1
    /// Permits given back since the last report.
    private var unused = TenantCounts()

    init(_ builder: SafeShareBuilder, at now: Microseconds) {
        (startedAt, members, instance) = (now, builder.members, builder.instance)
        timeOffset = builder.wallNow - now
        (account, stagedParts) = builder.account(at: now)
        if let members, members > 1 {
            cautiousUntil = account.now + builder.settings.suspectAfter + Rules.expiryInterval
        }
    }

    /// The account's epoch. Its marks mean nothing to the ledger.
    var epoch: Int64 { account.epoch }

    /// Settles what ended, and reserves.
    mutating func exchange(_ wants: [Want], pooled: Int, jitter: Int, at now: Microseconds) -> Exchange? {
        let time = now + timeOffset
        changeStages(at: time)
        sequence += 1
        var request = ExchangeRequest(
            instance: instance, epoch: epoch, sequence: sequence, jitter: jitter, pooled: pooled, wants: wants)
        outbox.move(to: &request, at: now)
        guard case .done(var exchange) = account.exchange(request, at: time) else { return nil }
        for index in exchange.grants.indices {
            granted += Int64(exchange.grants[index].count)
            exchange.grants[index].shortage?.cause.nameWhole()
        }
        return exchange
    }

    /// Records a permit that was given back.
    mutating func giveBack(_ tenant: Tenant?) { unused.add(tenant) }

    /// Takes out the permits that were given back since the last report.
    mutating func takeUnused() -> [(tenant: Tenant?, count: Int)] { unused.removeAll() }

    /// Takes in that a report to the ledger is made: it lists the permits that are in callers' hands.
    mutating func noteReport() { unused = TenantCounts() }

    /// Gives parts their second capacity, and slots their lasting margin, once the time has come.
    private mutating func changeStages(at time: Microseconds) {
        if let end = cautiousUntil, end <= time {
            cautiousUntil = nil
            account.endCaution()
        }
        guard stagedParts.contains(where: { $0.changesAt <= time }) else { return }
        for part in stagedParts where part.changesAt <= time { account.allow(part.later, of: part.limit) }
        stagedParts.removeAll { $0.changesAt <= time }
    }
}

extension Shortage.Cause {
    /// Names the whole limit: callers know no parts.
    fileprivate mutating func nameWhole() {
        if case .limit(let limit) = self { self = .limit(LimitReference(limit.scope, limit.name.ofWhole)) }
    }
}
