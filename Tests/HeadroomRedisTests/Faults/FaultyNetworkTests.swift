// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomSupport
import HeadroomTesting
import RedisTestServer
import Testing

@Suite("Coordinators under load, and a network that fails", .tags(.threads), .serialized, .timeLimit(.minutes(10)))
struct FaultyNetworkTests {
    private static let faults: [ProxyFault] = [
        .cutBefore, .cutAfter, .cutWithin(bytes: 3), .cutWithin(bytes: 30), .delayRequest(milliseconds: 30),
        .delayReply(milliseconds: 30), .delayReply(milliseconds: 400), .blackHoleBefore, .blackHoleAfter,
        .dropFromRequest(at: 0, count: 1),
        .dropFromRequest(at: 30, count: 7), .dropFromReply(at: 0, count: 1),
    ]

    @Test(
        "Faults at random on every third script: each call is counted once, and no permit is lost",
        arguments: [1, 2] as [UInt64])
    func random(seed: UInt64) async throws {
        let bench = try FaultBench()
        let load = try Load(3, bench, plan: .longWindow(perSecond: seed == 1 ? 2_000 : nil))
        let generator = Mutex(SeededGenerator(seed: seed))
        var faults = 0
        try await load.run(seed: seed) {
            #expect(await eventually { load.soFar.total > 100 })
            bench.proxy.follow { request in
                guard request.scriptNumber > 0 else { return nil }
                return generator.withLock { generator in
                    Int.random(in: 0..<3, using: &generator) == 0 ? Self.faults.randomElement(using: &generator) : nil
                }
            }
            #expect(await eventually { bench.proxy.faults > 20 })
            faults = bench.proxy.faults
            bench.proxy.follow(nil)
            let before = load.soFar.total
            #expect(await eventually { load.soFar.total > before + 150 }, "they go on when it is over")
        } check: { tally in
            try await load.expectExactAccount(tally, bench)
            #expect(tally.longestDelay < .seconds(1) + tally.noise, "callers hear something by their timeout")
            print(
                "seed \(seed): \(faults) faults in \(tally.total) calls, \(tally.cancelled) cancelled, \(tally.failed),",
                "longest gap \(tally.longestGap)")
        }
        #expect(faults > 10)
        #expect(try await bench.direct().status(tenants: [], in: load.group)?.instances.isEmpty == true)
    }

    @Test("Requests and replies that come twice, at random: each call is counted once, and no permit is lost")
    func duplicates() async throws {
        let bench = try FaultBench()
        let load = try Load(3, bench, plan: .longWindow())
        let generator = Mutex(SeededGenerator(seed: 4))
        var faults = 0
        try await load.run {
            bench.proxy.follow { request in
                guard request.scriptNumber > 0 else { return nil }
                return generator.withLock { generator in
                    switch Int.random(in: 0..<6, using: &generator) {
                    case 0: .duplicateRequest
                    case 1: .duplicateReply(afterMilliseconds: Int.random(in: 0...15, using: &generator))
                    default: nil
                    }
                }
            }
            #expect(await eventually { bench.proxy.faults > 60 })
            faults = bench.proxy.faults
            bench.proxy.follow(nil)
            let before = load.soFar.total
            #expect(await eventually { load.soFar.total > before + 150 }, "they go on when it is over")
        } check: { tally in
            try await load.expectExactAccount(tally, bench)
            #expect(tally.longestDelay < .seconds(1) + tally.noise, "callers hear something by their timeout")
            print("\(faults) requests or replies came twice in \(tally.total) calls, \(tally.failed)")
        }
        #expect(faults > 10)
    }

    @Test("New connections fail for a while: callers wait or hear why, then all goes on, and nothing is lost")
    func closed() async throws {
        let bench = try FaultBench()
        let load = try Load(3, bench, plan: .longWindow())
        try await load.run {
            #expect(await eventually { load.soFar.total > 100 })
            bench.proxy.close()
            try await Task.sleep(for: .seconds(1))
            try bench.proxy.accept()
            let before = load.soFar.total
            #expect(await eventually { load.soFar.total > before + 200 })
        } check: { tally in
            try await load.expectExactAccount(tally, bench)
            #expect(tally.longestGap < .seconds(4) + tally.noise)
            print("closed for 1 s: longest gap \(tally.longestGap), \(tally.failed)")
        }
    }

    @Test("A coordinator cut off for longer than its time to live: what it leased counts as spent, and is not used")
    func cutOff() async throws {
        let bench = try FaultBench()
        let load = try Load(2, bench, plan: .longWindow()) { $0.timeToLive = .seconds(3) }
        try await load.run {
            #expect(await eventually { load.soFar.total > 100 })
            bench.proxy.close()
            try await Task.sleep(for: .milliseconds(4_200))
            try bench.proxy.accept()
            let before = load.soFar.total
            #expect(await eventually { load.soFar.total > before + 300 })
        } check: { tally in
            let direct = try bench.direct()
            // What they spent from their shares meanwhile is reported when they find Redis again.
            let isReported = await eventually {
                guard let status = try? await direct.status(tenants: [], in: load.group) else { return false }
                return status.outstanding() == 0 && status.spent() ?? 0 >= tally.total
            }
            let status = try #require(try await direct.status(tenants: [], in: load.group))
            let spent = try #require(status.spent())
            #expect(
                isReported,
                "\(spent) spent, \(status.outstanding() ?? -1) out of \(tally.total); \(load.coordinators.map(\.statistics))"
            )
            #expect(spent >= tally.total)
            // What two instances had in their pools and their callers' hands at that moment.
            #expect(spent <= tally.total + 2 * 200)
            print("cut off for 4.2 s: \(spent) counted for \(tally.total) calls, longest gap \(tally.longestGap)")
        }
    }
}
