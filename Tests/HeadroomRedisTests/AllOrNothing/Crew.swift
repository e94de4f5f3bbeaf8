// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting

/// Several instances of one group, the calls that they make, and what of them a vendor counts. A value: a copy of it is
/// another way in which things may go on.
struct Crew: Sendable {
    let ledger: any LedgerStore
    let group: BudgetGroup
    let time: SettableTime
    let tenants: [Tenant?]
    let settings: LedgerSettings
    var members: [Member]
    /// Members that are gone without a word.
    var gone: Set<Int> = []
    /// When calls were made, of all tenants and of each.
    private(set) var calls: [Tenant?: UseLog] = [:]
    private(set) var granted = 0
    /// How often an instance was not known any more.
    private(set) var losses = 0
    private var random: SeededGenerator
    private var joins = 0
    private var newcomers = 0

    static let capacity = 100
    static let tenantCapacity = 40
    static let window = Duration.seconds(10)
    /// Longer than a calls' way out of the window: what is older counts nowhere.
    private static let memory: Microseconds = 11_000_000
    /// The time without an exchange after which a member sends one, whatever it wants.
    private static let renewal: Microseconds = 1_500_000

    init(
        _ ledger: any LedgerStore, _ time: SettableTime, group: String = "crew", count: Int = 4, seed: UInt64 = 1,
        timeToLive: Duration = .seconds(3)
    ) throws {
        guard let group = BudgetGroup(group) else { throw Unexpected() }
        (self.ledger, self.group, self.time) = (ledger, group, time)
        tenants = [nil, Tenant("ab123"), Tenant("cd456")]
        settings = LedgerSettings(
            plan: try Plan(
                name: "crew",
                productLimits: [
                    Limit(.throttle, capacity: Self.capacity, window: .rolling(Self.window)),
                    Limit(.quota, capacity: 100_000, window: .day),
                ],
                tenantLimits: [Limit(.throttle, capacity: Self.tenantCapacity, window: .rolling(Self.window))]),
            timeToLive: timeToLive)
        members = try (0..<count).map { number in
            guard let id = InstanceID("member-\(number)") else { throw Unexpected() }
            return Member(id: id, weight: 1 + number % 2)
        }
        random = SeededGenerator(seed: seed)
    }

    var alive: [Int] { members.indices.filter { !gone.contains($0) } }

    /// One member's turn: time passes, it calls, and exchanges. Returns whether the account was lost.
    mutating func step() async throws -> Bool {
        time.advance(by: .milliseconds(roll(500)))
        guard let index = alive.randomElement(using: &random) else { return false }
        use(index)
        var wants: [Want] = []
        for _ in 0..<roll(3) {
            let priority = Priority(rank: roll(3)) ?? .normal
            wants.append(Want(tenant: tenants[roll(tenants.count)], priority: priority, count: 1 + roll(12)))
        }
        var unused: [Tenant?: Int] = [:]
        for (tenant, count) in members[index].permits where count > 0 && roll(5) == 0 {
            unused[tenant] = roll(count + 1)
        }
        var isLost = try await exchange(index, wants, unused: unused)
        // Nobody's permits expire: all that live are heard of.
        for other in alive where time.now - members[other].answeredAt > Self.renewal {
            isLost = try await exchange(other) || isLost
        }
        return isLost
    }

    /// Makes calls with a member's permits: all, or any number of them.
    private mutating func use(_ index: Int, all: Bool = false) {
        for (tenant, count) in members[index].permits.sorted(by: { ($0.key?.name ?? "") < ($1.key?.name ?? "") }) {
            guard count > 0 else { continue }
            let used = all ? count : roll(4) == 0 ? 0 : roll(count + 1)
            members[index].permits[tenant] = count - used
            members[index].used[tenant, default: 0] += used
            for _ in 0..<used {
                calls[nil, default: UseLog()].note(time.now)
                if tenant != nil { calls[tenant, default: UseLog()].note(time.now) }
            }
        }
    }

    /// One exchange of a member. If the ledger does not know it, it joins, and the answer is true.
    @discardableResult
    mutating func exchange(_ index: Int, _ wants: [Want] = [], unused: [Tenant?: Int] = [:]) async throws -> Bool {
        members[index].forget(before: time.now - Self.memory)
        guard members[index].epoch != 0 else {
            try await join(index)
            return false
        }
        let request = members[index].exchange(wants, unused: unused)
        switch try await ledger.exchange(request, in: group) {
        case .done(let exchange):
            granted += exchange.grants.reduce(0) { $0 + $1.count }
            members[index].note(exchange, of: request, at: time.now)
            return false
        case .unknownInstance:
            losses += 1
            // No number is used twice.
            members[index].sequence = request.sequence
            try await join(index)
            return true
        }
    }

    private mutating func join(_ index: Int) async throws {
        let request = members[index].join(settings, proposing: Int64(1_000 + joins), at: time.now)
        members[index].note(try await ledger.join(request, in: group), of: request, at: time.now)
        joins += 1
    }

    /// Heartbeats of all that live, until everybody is known. At most three rounds.
    mutating func settleDown() async throws {
        for _ in 0..<3 {
            var isLost = false
            for index in alive { isLost = try await exchange(index) || isLost }
            if !isLost { return }
        }
    }

    /// A member's want for a tenant that nobody has named before. Returns the tenant.
    mutating func wantForNewcomer() async throws -> Tenant? {
        newcomers += 1
        let tenant = Tenant("new-\(newcomers)")
        guard let first = alive.first else { return nil }
        try await exchange(first, [Want(tenant: tenant, count: 2 * Self.tenantCapacity)])
        return tenant
    }

    /// Calls until the account has ended its careful beginning.
    mutating func learn(_ index: Int) async throws {
        for _ in 0..<5 {
            try await exchange(index, [Want(count: 1)])
            use(index, all: true)
            time.advance(by: .milliseconds(600))
            try await exchange(index)
        }
    }

    /// Everybody settles what it has and calls no more, for longer than the window.
    mutating func rest() async throws {
        for index in alive { try await exchange(index, unused: members[index].permits) }
        for _ in 0..<6 {
            time.advance(by: .seconds(2))
            for index in alive { try await exchange(index) }
        }
    }

    mutating func roll(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
}
