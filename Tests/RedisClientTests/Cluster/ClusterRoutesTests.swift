// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RedisClient

@Suite("Where a command of a cluster goes")
struct ClusterRoutesTests {
    private typealias Target = RedisAddress.Target
    private static let (a, b, c) = (place("a"), place("b"), place("c"))
    private static let slot = HashSlot(of: "{group}")
    private static let gone = RedisError(.unavailable, "nobody there")
    private static let lost = RedisError(.lost, "gone", mayHaveRun: true)

    private static func place(_ host: String) -> Target { .tcp(host: host, port: 1) }
    private static func serverError(_ text: String) -> RedisError { RedisError(.serverError, text, mayHaveRun: true) }

    private static func slots(_ master: String, others: String...) -> ClusterSlots? {
        let rows = [(master, slot.number)] + others.map { ($0, 0) }
        let answer = RedisValue.array(
            rows.map { host, number in
                let number = RedisValue.integer(Int64(number))
                return .array([number, number, .array([.bulk(Array(host.utf8)), .integer(1)])])
            })
        return ClusterSlots(answer, from: "h")
    }

    private var trip = ClusterTrip(slot: slot, deadline: 10_000_000_000)
    private var routes = ClusterRoutes(seeds: [a, b])

    /// Routes that know `a` as the master, and `b` and `c` as others.
    private mutating func settle() {
        #expect(routes.begin(&trip, now: 0) == .refresh(Self.a))
        #expect(routes.learned(Self.slots("a", others: "b", "c"), at: Self.a, &trip, now: 0) == to(Self.a))
        trip = ClusterTrip(slot: Self.slot, deadline: 10_000_000_000)
    }

    private func to(_ place: Target) -> ClusterStep { .send(place, isAsking: false) }

    @Test("At first a node is asked for the slots, then the master is known")
    mutating func first() {
        settle()
        #expect(routes.begin(&trip, now: 1) == to(Self.a))
    }

    @Test("If no node names the slots, any is tried, and its redirection remembered")
    mutating func unreported() {
        #expect(routes.begin(&trip, now: 0) == .refresh(Self.a))
        #expect(routes.learned(nil, at: Self.a, &trip, now: 0) == .refresh(Self.b))
        #expect(routes.learned(nil, at: Self.b, &trip, now: 0) == to(Self.a))
        let moved = Self.serverError("MOVED \(Self.slot.number) c:1")
        #expect(routes.next(after: moved, at: Self.a, &trip, now: 0) == to(Self.c))
        trip = ClusterTrip(slot: Self.slot, deadline: 10_000_000_000)
        #expect(routes.begin(&trip, now: 1) == to(Self.c))
    }

    @Test("MOVED is remembered, ASK is not")
    mutating func redirections() {
        settle()
        let ask = Self.serverError("ASK \(Self.slot.number) b:1")
        #expect(routes.next(after: ask, at: Self.a, &trip, now: 1) == .send(Self.b, isAsking: true))
        trip = ClusterTrip(slot: Self.slot, deadline: 10_000_000_000)
        #expect(routes.begin(&trip, now: 1) == to(Self.a))
        let moved = Self.serverError("MOVED \(Self.slot.number) b:1")
        #expect(routes.next(after: moved, at: Self.a, &trip, now: 1) == to(Self.b))
        trip = ClusterTrip(slot: Self.slot, deadline: 10_000_000_000)
        #expect(routes.begin(&trip, now: 1) == to(Self.b))
    }

    @Test("A command that is sent on for ever is given up after five times, as not run")
    mutating func endless() {
        settle()
        for round in 1...5 {
            let moved = Self.serverError("MOVED \(Self.slot.number) \(round % 2 == 0 ? "a" : "b"):1")
            #expect(routes.next(after: moved, at: Self.a, &trip, now: 1) == to(round % 2 == 0 ? Self.a : Self.b))
        }
        let last = routes.next(after: Self.serverError("MOVED \(Self.slot.number) a:1"), at: Self.b, &trip, now: 1)
        guard case .fail(let error) = last else { return #expect(Bool(false), "\(last)") }
        #expect(error.code == .unavailable && !error.mayHaveRun)
    }

    @Test("When the master is gone, others are asked, and the command goes to its heir in the same call")
    mutating func heir() {
        settle()
        let later = ClusterRoutes.refreshInterval
        #expect(routes.begin(&trip, now: later) == to(Self.a))
        #expect(routes.next(after: Self.gone, at: Self.a, &trip, now: later) == .refresh(Self.b))
        #expect(routes.learned(Self.slots("c", others: "b"), at: Self.b, &trip, now: later) == to(Self.c))
        #expect(!trip.isDoubtful)
    }

    @Test("Where there is no heir yet, the error is the master's; the next call asks first")
    mutating func noHeir() {
        settle()
        let later = ClusterRoutes.refreshInterval
        #expect(routes.next(after: Self.gone, at: Self.a, &trip, now: later) == .refresh(Self.b))
        let same = Self.slots("a", others: "b", "c")
        #expect(routes.learned(same, at: Self.b, &trip, now: later) == .fail(Self.gone))
        trip = ClusterTrip(slot: Self.slot, deadline: 10_000_000_000)
        #expect(routes.begin(&trip, now: 2 * later) == .refresh(Self.b))
        #expect(routes.learned(same, at: Self.b, &trip, now: 2 * later) == to(Self.a))
        #expect(trip.isDoubtful)
        routes.served(at: Self.a)
        trip = ClusterTrip(slot: Self.slot, deadline: 10_000_000_000)
        #expect(routes.begin(&trip, now: 4 * later) == to(Self.a))
        #expect(!trip.isDoubtful)
    }

    @Test("The slots are not asked for more often than every 100 ms")
    mutating func sparing() {
        settle()
        let soon = ClusterRoutes.refreshInterval - 1
        #expect(routes.next(after: Self.gone, at: Self.a, &trip, now: soon) == .fail(Self.gone))
    }

    @Test("A command that may have run is repeated by nobody; the next call asks for the heir first")
    mutating func mayHaveRun() {
        settle()
        let later = ClusterRoutes.refreshInterval
        #expect(routes.next(after: Self.lost, at: Self.a, &trip, now: later) == .fail(Self.lost))
        trip = ClusterTrip(slot: Self.slot, deadline: 10_000_000_000)
        #expect(routes.begin(&trip, now: later) == .refresh(Self.b))
    }

    @Test(
        "The kind of a server error decides whether another node is looked for",
        arguments: [
            ("CLUSTERDOWN The cluster is down", true), ("LOADING Redis is loading", true),
            ("MASTERDOWN Link with MASTER is down", true), ("READONLY You can't write", true),
            ("TRYAGAIN Multiple keys", false), ("OOM command not allowed", false), ("BUSY Redis is busy", false),
            ("ERR wrong", false), ("VERSION of another", false),
        ])
    mutating func serverErrors(_ text: String, _ looks: Bool) {
        settle()
        let error = Self.serverError(text)
        let step = routes.next(after: error, at: Self.a, &trip, now: ClusterRoutes.refreshInterval)
        #expect(step == (looks ? .refresh(Self.b) : .fail(error)))
    }

    @Test("A command is not tried for ever")
    mutating func deadline() {
        settle()
        let end = trip.deadline
        #expect(routes.next(after: Self.gone, at: Self.a, &trip, now: end) == .fail(Self.gone))
    }

    @Test("Names without end do not fill the memory")
    mutating func bounded() {
        settle()
        for number in 0..<1_000 {
            var trip = ClusterTrip(slot: Self.slot, deadline: .max)
            _ = routes.next(after: Self.gone, at: Self.place("h\(number)"), &trip, now: Int64(number))
        }
        var dumped = ""
        dump(routes, to: &dumped)
        #expect(dumped.utf8.count < 40_000)
    }
}
