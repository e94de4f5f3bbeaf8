// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom
import RedisTestServer

// Faults of Redis itself. Each blocks a thread that no task needs.
extension FaultMaker {
    /// `kill -9` of the master, and its start after a while, with what is on its disk.
    func takeDown(until end: ContinuousClock.Instant) async throws {
        try await onMaster { $0.kill() }
        try await Task.sleep(until: end)
        try await onMaster { try $0.restart() }
    }

    /// The same with nothing on its disk.
    func restartEmpty() async throws { try await onMaster { try Self.restart($0, with: nil) } }

    /// The same with what it knew when the fault began.
    func restartWithOlderState(until end: ContinuousClock.Instant) async throws {
        try await onMaster { try FileManager.default.copyItem(atPath: Self.data($0), toPath: Self.copy($0)) }
        try await Task.sleep(until: end)
        try await onMaster { try Self.restart($0, with: Self.copy($0)) }
    }

    /// Lacks memory until the account is evicted, and longer.
    func evict(_ choice: UInt64, until end: ContinuousClock.Instant) async throws {
        let policy = MemoryPressure.policies[Int(choice % UInt64(MemoryPressure.policies.count))]
        let epoch = try await scene.status().epoch
        let pressure = try await onMaster { try MemoryPressure($0, policy) }
        try await Task.sleep(until: end)
        try await Blocking.run { try pressure.end() }
        guard try await scene.status().epoch != epoch else { throw SoakFailure("\(policy) evicted no account") }
    }

    /// Takes a right from the workers' user, and gives it back. Scripts are forgotten: so `eval` is needed as well.
    func takeRight(_ choice: UInt64, until end: ContinuousClock.Instant) async throws {
        let right = SoakRights.needed[Int(choice % UInt64(SoakRights.needed.count))]
        try await scene.command("ACL", "SETUSER", SoakRights.user, "-" + right)
        try await scene.command("SCRIPT", "FLUSH")
        try await Task.sleep(until: end)
        try await scene.command("ACL", "SETUSER", SoakRights.user, "+" + right)
    }

    /// Makes the other server the master. While both are, half of the workers connect anew, and so come to the new one.
    func failOver(_ fault: FaultPlan.Fault) async throws {
        let (redis, route) = (scene.redis, scene.routes[Int(fault.choice % 2)])
        try await Blocking.run { try redis.failOver(within: fault.span) { route.cut() } }
    }

    /// The answer comes when the sleep is over; whoever asked may have given up by then.
    func sleepRedis(_ seconds: Double) async throws {
        do { try await scene.command("DEBUG", "SLEEP", "\(seconds)") } catch is RedisTestServerError {}
    }

    private func onMaster<Result: Sendable>(
        _ body: @escaping @Sendable (RedisTestServer) throws -> Result
    ) async throws -> Result {
        let redis = scene.redis
        return try await Blocking.run { try body(redis.master()) }
    }

    private static func restart(_ server: RedisTestServer, with data: String?) throws {
        server.kill()
        try FileManager.default.removeItem(atPath: Self.data(server))
        if let data { try FileManager.default.moveItem(atPath: data, toPath: Self.data(server)) }
        try server.restart()
    }

    private static func data(_ server: RedisTestServer) -> String { server.folder + "/appendonlydir" }
    private static func copy(_ server: RedisTestServer) -> String { server.folder + "/copy" }
}
