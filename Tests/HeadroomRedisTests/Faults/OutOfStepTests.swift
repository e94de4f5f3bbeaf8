// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomSupport
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

@Suite("Replies that come in another's place", .serialized, .timeLimit(.minutes(10)))
struct OutOfStepTests {
    /// An account that is past its learning, with one permit out and its third exchange to come.
    private let bench: FaultBench
    private let account: Account
    /// Awaits answers for 50 ms.
    private let hasty: RedisLedger

    init() async throws {
        bench = try FaultBench()
        // A call is one command then, also the first one over a connection.
        try await Functions.load(bench.server)
        hasty = try bench.ledger(timeout: .milliseconds(50))
        account = try Account(try bench.patientLedger())
        try await account.join(LedgerSettings(plan: .longWindow(perSecond: 500)))
        try await account.exchange { $0.settlements = [Settlement(tenant: nil, spent: 3, accepted: 3)] }
        try await account.exchange { $0.wants = [Want(count: 1)] }
    }

    private func request(_ sequence: Int64, wants count: Int) -> ExchangeRequest {
        ExchangeRequest(instance: account.id, epoch: 7, sequence: sequence, wants: [Want(count: count)])
    }

    /// Repeats an exchange until it is answered; how many permits it brought.
    private func granted(_ request: ExchangeRequest, by ledger: RedisLedger? = nil) async throws -> Int {
        var count: Int?
        _ = await eventually {
            if case .done(let exchange)? = try? await (ledger ?? hasty).exchange(request, in: account.group) {
                count = exchange.grants[0].count
            }
            return count != nil
        }
        return try #require(count)
    }

    private func outstanding() async throws -> Int64? {
        try await bench.direct().status(tenants: [], in: account.group)?.outstanding()
    }

    @Test("A reply that lacks its end does not put all that follow out of step for ever")
    func lacksElement() async throws {
        // The last element, which the next reply then takes the place of.
        let reply = try #require(bench.proxy.answered.last?.reply)
        let last = try #require(reply.lastIndex(of: UInt8(ascii: ":")))
        bench.proxy.inject(.dropFromReply(at: last, count: reply.count - last))
        let before = bench.proxy.answered.count
        #expect(try await granted(request(4, wants: 1)) == 1)
        #expect(try await outstanding() == 2)
        #expect(bench.proxy.answered[before].reply.lastIndex(of: UInt8(ascii: ":")) == last, "something else was cut")
    }

    @Test("A reply that comes twice is not taken for the reply to the next exchange")
    func twice() async throws {
        bench.proxy.follow { request in
            switch request.scriptNumber {
            case 1: .duplicateReply(afterMilliseconds: 20)
            case 2: .delayRequest(milliseconds: 60)
            default: nil
            }
        }
        let all = try await granted(request(4, wants: 20)) + granted(request(5, wants: 30))
        #expect(bench.proxy.faults == 2)
        // One is out from before.
        #expect(try await outstanding() == Int64(1 + all))
    }

    private func status(of group: BudgetGroup) async -> Result<LedgerStatus?, LedgerError> {
        do throws(LedgerError) {
            return .success(try await account.ledger.status(tenants: [], in: group))
        } catch {
            return .failure(error)
        }
    }

    @Test(
        "A reply that is swallowed: the answer behind it does not go to the command before", arguments: [true, false])
    func swallowed(isOfNobody: Bool) async throws {
        let nobody = try #require(BudgetGroup("nobody"))
        let (first, second) = isOfNobody ? (nobody, account.group) : (account.group, nobody)
        bench.proxy.follow { [proxy = bench.proxy] request in
            let isOfFirst =
                request.command == "HMGET"
                && RESPScanner.words(of: request.bytes)[1].elementsEqual("headroom:2:{\(first)}".utf8)
            return isOfFirst && proxy.faults == 0 ? .dropFromReply(at: 0, count: 1 << 20) : nil
        }
        // Both are on their way before the first is answered: of one group there is an account, of the other none.
        async let early = status(of: first)
        #expect(await eventually { bench.proxy.faults == 1 })
        let late = await status(of: second)
        // The account of another, or none, would be a wrong answer.
        #expect(throws: LedgerError.self) { try late.get() }
        let answer = await early
        #expect(throws: LedgerError.self) { try answer.get() }
        #expect(await eventually { (try? await status(of: account.group).get()) != nil })
        #expect(try await status(of: nobody).get() == nil)
    }

    @Test("Every reply comes twice, for a while: said in the log once, with the reason, and calls go through")
    func saidOnce() async throws {
        // None that gives up by itself, and says so.
        let ledger = RedisLedger(
            try connection(bench.proxy.address) { [log = bench.log] in $0.logger = log.logger("redis") })
        bench.proxy.follow { $0.scriptNumber > 0 ? .duplicateReply(afterMilliseconds: 0) : nil }
        for sequence in Int64(4)...13 { #expect(try await granted(request(sequence, wants: 1), by: ledger) == 1) }
        #expect(try await outstanding() == 11)
        let said = bench.log.lines.filter { $0.hasPrefix("warning") }
        #expect(said.count == 1 && said[0].contains("protocolViolation"), "\(said)")
        #expect(bench.proxy.faults >= 10)
    }

    @Test("Answers that come too late for ever, as one before them was lost, are no signs of life")
    func lateForEver() async throws {
        let redis = try connection(bench.proxy.address) { options in
            (options.commandTimeout, options.maximumSilence) = (.milliseconds(50), .milliseconds(200))
        }
        bench.proxy.inject(.dropFromReply(at: 0, count: 1 << 20))
        var answered = 0
        for number in 1..<1_000 where answered < 3 {
            let answer = try? await redis.send(RedisCommand("EVAL", "return ARGV[1]", "0", "\(number)"))
            if answer == .bulk(Array("\(number)".utf8)) { answered += 1 }
        }
        #expect(answered == 3)
    }

    @Test("A slow server that owes no answer is kept: its answers come too late, and are in step")
    func slow() async throws {
        let silence = Duration.seconds(2)
        let redis = try connection(bench.proxy.address) { options in
            (options.commandTimeout, options.maximumSilence) = (.milliseconds(50), silence)
        }
        let connections = Mutex(Set<Int>())
        bench.proxy.follow { request in
            connections.withLock { _ = $0.insert(request.connection) }
            return .delayReply(milliseconds: 80)
        }
        // None comes in time for longer than a connection may stay without an answer, though each comes.
        let begin = ContinuousClock.now
        let slow = RedisLedger(redis)
        while begin.duration(to: .now) < silence + .seconds(1) {
            let late = request(4, wants: 1)
            await #expect(throws: LedgerError.self) { try await slow.exchange(late, in: account.group) }
            try await Task.sleep(for: .milliseconds(60))
        }
        bench.proxy.follow(nil)
        #expect(try await granted(request(4, wants: 1), by: slow) == 1)
        #expect(connections.withLock { $0.count } == 1)
    }
}
