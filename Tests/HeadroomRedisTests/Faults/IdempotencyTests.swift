// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisTestServer
import Testing

@Suite(
    "Whatever happens to a request or its reply on the way",
    .tags(.threads, .memory), .serialized, .timeLimit(.minutes(10)))
struct IdempotencyTests {
    /// What a caller cannot notice other than by an error or a late answer: repeating leads to the very same account.
    static let faults: [ProxyFault] = [
        .cutBefore, .cutAfter, .cutWithin(bytes: 1), .cutWithin(bytes: 6), .cutWithin(bytes: 40),
        .delayRequest(milliseconds: 20), .delayRequest(milliseconds: 400), .delayReply(milliseconds: 20),
        .delayReply(milliseconds: 400), .blackHoleBefore, .blackHoleAfter, .duplicateRequest,
        .duplicateReply(afterMilliseconds: 0), .duplicateReply(afterMilliseconds: 20),
        .dropFromRequest(at: 0, count: 1), .dropFromRequest(at: 9, count: 3), .dropFromRequest(at: 60, count: 40),
        .dropFromReply(at: 0, count: 1), .dropFromReply(at: 1, count: 3), .dropFromReply(at: 5, count: 1_000_000),
    ]

    /// Repeats an operation as it is until it has an answer, as a coordinator does. How often it was tried, too.
    private func repeating<Answer>(_ operation: () async throws(LedgerError) -> Answer) async throws -> (Answer, Int) {
        for attempt in 1...1_000 {
            do throws(LedgerError) {
                return (try await operation(), attempt)
            } catch {
                try #require([.unavailable, .lost, .malformedReply].contains(error.code), "\(error)")
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        throw Unexpected()
    }

    @Test("An exchange that is repeated until it has an answer settles and reserves once", arguments: faults)
    func exchange(_ fault: ProxyFault) async throws {
        let bench = try FaultBench()
        // Else the fault would meet the first call of a connection, which finds no function.
        try await Functions.load(bench.server)
        let account = try Account(try bench.patientLedger())
        try await account.join(LedgerSettings(plan: .longWindow(perSecond: 500)))
        try await account.exchange { $0.settlements = [Settlement(tenant: nil, spent: 3, accepted: 3)] }

        let ledger = Self.isUnnoticed(fault) ? account.ledger : try bench.ledger()
        let tenant = try #require(Tenant("ab123"))
        bench.proxy.inject(fault)
        let request = ExchangeRequest(
            instance: account.id, epoch: 7, sequence: 3,
            settlements: [Settlement(tenant: tenant, spent: 5, accepted: 5)],
            wants: [Want(count: 4), Want(tenant: tenant, count: 2)])
        let (reply, attempts) = try await repeating { () async throws(LedgerError) in
            try await ledger.exchange(request, in: account.group)
        }
        #expect(bench.proxy.faults == 1)
        guard case .done(let exchange) = reply else { throw Unexpected() }
        let granted = exchange.grants.map(\.count)
        #expect(attempts == 1 || !Self.isUnnoticed(fault))

        let status = try #require(try await bench.direct().status(tenants: [tenant], in: account.group))
        #expect(status.spent() == 8 && status.spent(of: .tenant(tenant)) == 5)
        #expect(status.outstanding() == Int64(granted[0] + granted[1]) && granted[0] > 0)
        #expect(status.outstanding(of: .tenant(tenant)) == Int64(granted[1]))
        #expect(status.instances.map(\.permits) == [Int64(granted[0] + granted[1])])
    }

    /// Whether the answer comes in time and whole.
    private static func isUnnoticed(_ fault: ProxyFault) -> Bool {
        switch fault {
        // Of the others the ledger hears nothing in time: it has a quarter of a second.
        case .delayRequest(let milliseconds), .delayReply(let milliseconds): milliseconds < 250
        case .duplicateRequest, .duplicateReply: true
        default: false
        }
    }

    @Test(
        "A join that is repeated until it has an answer counts what is leased and what was spent once",
        arguments: faults, [1, 2, 3])
    func join(_ fault: ProxyFault, at script: Int) async throws {
        let bench = try FaultBench()
        let account = try Account(try bench.ledger())
        // The first call shows that Redis has no function, the second that it does not know the script; the third
        // brings it.
        bench.proxy.inject(fault, atScript: script)
        let request = try JoinRequest(
            instance: account.id, settings: LedgerSettings(plan: .longWindow(perSecond: 500)), proposedEpoch: 7,
            knownEpoch: 5,
            permits: [TenantPermits(tenant: nil, count: 3)],
            history: [SpentCalls(tenant: nil, age: 1_000_000, count: 10)])
        let (reply, _) = try await repeating { () async throws(LedgerError) in
            try await account.ledger.join(request, in: account.group)
        }
        #expect(reply.epoch == 7)
        #expect(bench.proxy.faults == 1)
        let status = try #require(try await bench.direct().status(tenants: [], in: account.group))
        #expect(status.spent() == 10)
        #expect(status.outstanding() == 3)
    }

    /// An account that is past its learning, and how many bytes the reply to an exchange has.
    private func missingBytesBench() async throws -> (bench: FaultBench, account: Account, length: Int) {
        let bench = try FaultBench()
        try await Functions.load(bench.server)
        let account = try Account(try bench.patientLedger())
        try await account.join(LedgerSettings(plan: .longWindow(perSecond: 500)))
        try await account.exchange { $0.settlements = [Settlement(tenant: nil, spent: 3, accepted: 3)] }
        try await account.exchange { $0.wants = [Want(count: 1)] }
        return (bench, account, try #require(bench.proxy.answered.last?.reply.count))
    }

    @Test("Bytes that are missing from a reply never make more permits of it than were granted")
    func missingBytes() async throws {
        let (bench, account, length) = try await missingBytesBench()
        let (direct, ledger) = (try bench.direct(), try bench.ledger(timeout: .milliseconds(50)))
        var generator = SeededGenerator(seed: 1)
        for sequence in Int64(4)...43 {
            let fault = ProxyFault.dropFromReply(
                at: Int.random(in: 0..<length, using: &generator), count: Int.random(in: 1...8, using: &generator))
            bench.proxy.inject(fault)
            let before = try #require(try await direct.status(tenants: [], in: account.group)?.outstanding())
            let request = ExchangeRequest(
                instance: account.id, epoch: 7, sequence: sequence, wants: [Want(count: 12)])
            let answer = try? await ledger.exchange(request, in: account.group)
            let (reply, _) = try await repeating { () async throws(LedgerError) in
                if let answer { answer } else { try await ledger.exchange(request, in: account.group) }
            }
            guard case .done(let exchange) = reply else { continue }
            let after = try #require(try await direct.status(tenants: [], in: account.group)?.outstanding())
            #expect(Int64(exchange.grants[0].count) <= after - before, "\(fault)")
        }
    }
}
