// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom
import HeadroomSupport
import KeapSimulator
import RedisTestServer

/// The maker of a soak's faults: each is made for real, and undone if it does not pass by itself.
struct FaultMaker {
    let scene: SoakScene

    /// Makes a fault and returns when it is over.
    func make(_ fault: FaultPlan.Fault, _ fleet: inout SoakFleet) async throws {
        let end = ContinuousClock.now + .seconds(fault.span)
        let server = scene.server
        defer { undo() }
        switch fault.kind {
        case .workerKill: try await fleet.replace(fleet.mortal(fault.choice))
        case .workerPause, .workerStall: try await stop(fleet.place(fault.choice), fault, until: end, &fleet)
        case .redisRestart: try await Blocking.run { try server.restart() }
        case .redisDown:
            try await Blocking.run { server.kill() }
            try await Task.sleep(until: end)
            try await Blocking.run { try server.restart() }
        case .redisEmpty: try await Blocking.run { try Self.restart(server, with: nil) }
        case .redisOlder: try await restartWithOlderState(until: end)
        case .flushAll: try await scene.command("FLUSHALL")
        case .scriptFlush:
            try await scene.command("SCRIPT", "FLUSH")
            try await scene.command("FUNCTION", "FLUSH")
        case .clientKill: try await scene.command("CLIENT", "KILL", "TYPE", "normal")
        case .clientPause: try await scene.command("CLIENT", "PAUSE", "\(Int(fault.span * 1000))", "ALL")
        case .debugSleep: try await sleepRedis(fault.span)
        case .networkCut, .networkDelay, .networkDrop: follow(fault)
        case .partition: try await part(Int(fault.choice % 2), &fleet)
        case .vendorErrors: scene.simulator.disturb(faults: Faults(internalErrors: 0.1, unavailable: 0.1))
        case .vendorSlow:
            scene.simulator.disturb(latency: Latency(median: .milliseconds(400), jitter: .milliseconds(200)))
        }
        if fault.kind.losesMemory { fleet.forget() }
        try await Task.sleep(until: end)
    }

    private func undo() {
        for proxy in scene.proxies {
            proxy.follow(nil)
            try? proxy.accept()
        }
        scene.simulator.disturb()
    }

    private func stop(
        _ place: Int, _ fault: FaultPlan.Fault, until end: ContinuousClock.Instant, _ fleet: inout SoakFleet
    ) async throws {
        fleet.send(SIGSTOP, to: place)
        defer { fleet.send(SIGCONT, to: place) }
        if fault.kind == .workerStall { try await fleet.notePermits([place]) }
        try await Task.sleep(until: end)
    }

    private func part(_ half: Int, _ fleet: inout SoakFleet) async throws {
        scene.proxies[half].close()
        try await fleet.notePermits(fleet.places(behind: half))
    }

    /// The answer comes when the sleep is over; whoever asked may have given up by then.
    private func sleepRedis(_ seconds: Double) async throws {
        do { try await scene.command("DEBUG", "SLEEP", "\(seconds)") } catch is RedisTestServerError {}
    }

    private func restartWithOlderState(until end: ContinuousClock.Instant) async throws {
        let server = scene.server
        let copy = server.folder + "/copy"
        try await Blocking.run { try FileManager.default.copyItem(atPath: Self.data(server), toPath: copy) }
        try await Task.sleep(until: end)
        try await Blocking.run { try Self.restart(server, with: copy) }
    }

    private static func restart(_ server: RedisTestServer, with data: String?) throws {
        server.kill()
        try FileManager.default.removeItem(atPath: Self.data(server))
        if let data { try FileManager.default.moveItem(atPath: data, toPath: Self.data(server)) }
        try server.restart()
    }

    private static func data(_ server: RedisTestServer) -> String { server.folder + "/appendonlydir" }

    /// Lets the network fail. Which calls are hit depends on nothing but the seed and their number.
    private func follow(_ fault: FaultPlan.Fault) {
        for (index, proxy) in scene.proxies.enumerated() {
            proxy.follow { request in
                guard request.scriptNumber > 0 else { return nil }
                var generator = SplitMix(seed: fault.choice &+ UInt64(2 * request.scriptNumber + index))
                return Self.fault(fault.kind, using: &generator)
            }
        }
    }

    private static func fault(_ kind: FaultKind, using generator: inout SplitMix) -> ProxyFault? {
        let faults: [ProxyFault]
        let share: Double
        switch kind {
        case .networkCut: (faults, share) = ([.cutBefore, .cutAfter, .cutWithin(bytes: 7)], 0.1)
        case .networkDrop: (faults, share) = ([.blackHoleBefore, .blackHoleAfter], 0.03)
        default:
            let late = Int.random(in: 20...300, using: &generator)
            (faults, share) = ([.delayRequest(milliseconds: late), .delayReply(milliseconds: late)], 0.3)
        }
        guard Double.random(in: 0..<1, using: &generator) < share else { return nil }
        return faults.randomElement(using: &generator)
    }
}
