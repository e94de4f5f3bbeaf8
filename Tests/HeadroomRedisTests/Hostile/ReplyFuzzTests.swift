// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

@testable import HeadroomRedis

@Suite("Replies of any form", .tags(.memory), .serialized, .timeLimit(.minutes(10)))
struct ReplyFuzzTests {
    /// The largest number that the account's arithmetic is exact with.
    private static let exact: ClosedRange<Int64> = -(1 << 53)...(1 << 53)

    @Test("A changed reply is read within its bounds, or is a malformed reply", arguments: 1...4 as ClosedRange<UInt64>)
    func decoders(seed: UInt64) async throws {
        let replies = try await RecordedReplies.record()
        var fuzz = ReplyFuzz(random: SeededGenerator(seed: seed))
        var (read, failed) = (0, 0)
        for step in 0..<(FuzzSteps.count(60_000) / 4) {
            do throws(LedgerError) {
                switch step % 4 {
                case 0: try Self.check(JoinReply(decoding: fuzz.mutated(replies.join)))
                case 1: try Self.check(Self.status(fuzz.mutated(replies.fields)))
                default:
                    try Self.check(
                        ExchangeReply(decoding: fuzz.mutated(replies.exchange), wants: replies.wants), replies.wants)
                }
                read += 1
            } catch {
                try #require([.malformedReply, .unreadable, .unknownVersion].contains(error.code))
                try #require(error.description.utf8.count < 400)
                failed += 1
            }
        }
        #expect(read > failed / 50 && failed > read / 50, "\(read) read, \(failed) failed")
    }

    /// What a changed account says.
    private static func status(_ fields: RedisValue) throws(LedgerError) -> LedgerStatus? {
        guard case .array(let values) = fields, values.count == StoredAccount.groupFields.count else {
            throw .malformed(fields.shown, where: "the fields")
        }
        let bytes = values.map { if case .bulk(let bytes) = $0 { bytes } else { nil as [UInt8]? } }
        var account = try StoredAccount(bytes, key: "key")?.account
        return account?.status(tenants: [], at: 1_800_000_000_000_000)
    }

    private static func check(_ reply: JoinReply) {
        #expect(exact.contains(reply.epoch) && exact.contains(reply.aliveFor) && reply.aliveFor >= 0)
    }

    private static func check(_ reply: ExchangeReply, _ wants: [Want]) {
        guard case .done(let exchange) = reply else { return }
        #expect(exact.contains(exchange.aliveFor) && exchange.aliveFor >= 0)
        #expect(exchange.grants.count == wants.count)
        for (grant, want) in zip(exchange.grants, wants) {
            #expect((0...want.count).contains(grant.count))
            // The last permit's slot must be a time that can be computed with.
            let (span, overflow) = grant.spacing.multipliedReportingOverflow(by: Int64(max(1, grant.count)))
            #expect(!overflow && span >= 0 && (0...Rules.day).contains(grant.slot))
            let shortage = [grant.shortage?.retryIn, grant.shortage?.availableIn].compactMap { $0 }
            #expect(shortage.allSatisfy { $0 >= 0 && exact.contains($0) })
            // A mark is what a gauge counts, less what was granted since.
            #expect(grant.marks.allSatisfy { exact.contains($0.count / 2) })
        }
        for gauge in exchange.gauges {
            #expect([gauge.capacity, gauge.count, gauge.drift, gauge.cushion].allSatisfy(exact.contains))
            #expect(exact.contains(gauge.pausedFor.microseconds) && exact.contains(gauge.resetsIn.microseconds))
        }
    }

    private static func check(_ status: LedgerStatus?) {
        guard let status else { return }
        #expect(exact.contains(status.epoch) && exact.contains(status.now.microseconds))
        #expect(exact.contains(status.demand))
        for limit in status.budgets.flatMap(\.limits) {
            #expect(
                [limit.capacity, limit.spent, limit.drift, limit.cushion, limit.resetsIn.microseconds]
                    .allSatisfy(exact.contains))
        }
    }

    @Test(
        "Coordinators that get changed replies do not crash or hang, and go on when it is over",
        arguments: [1] as [UInt64])
    func coordinators(seed: UInt64) async throws {
        let bench = try FaultBench()
        let load = try Load(3, bench, plan: .longWindow(perSecond: 2_000))
        let replies = try await RecordedReplies.record()
        let state = Mutex((fuzz: ReplyFuzz(random: SeededGenerator(seed: seed)), count: 0))
        try await load.run(seed: seed) {
            #expect(await eventually { load.soFar.total > 50 })
            bench.proxy.follow { request in
                guard request.scriptNumber > 0 else { return nil }
                return state.withLock { state in
                    state.count += 1
                    let reply = state.count % 3 == 0 ? replies.join : replies.exchange
                    return .replaceReply(state.fuzz.mutated(reply).encoded)
                }
            }
            #expect(await eventually { state.withLock { $0.count } > 6 })
            bench.proxy.follow(nil)
            let before = load.soFar.total
            #expect(await eventually { load.soFar.total > before + 50 })
        } check: { tally in
            #expect(tally.longestDelay < .seconds(1) + tally.noise, "callers hear something by their timeout")
            #expect(load.coordinators.allSatisfy { $0.statistics.outstanding == 0 })
            print("seed \(seed): \(tally.total) calls, \(tally.failed), longest gap \(tally.longestGap)")
        }
    }
}
