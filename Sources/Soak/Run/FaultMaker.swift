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
        defer { undo() }
        switch fault.kind {
        case .workerKill: try await fleet.replace(fleet.mortal(fault.choice))
        case .workerPause, .workerStall: try await stop(fleet.place(fault.choice), fault, until: end, &fleet)
        case .redisRestart, .redisDown: try await takeDown(until: end)
        case .redisEmpty: try await restartEmpty()
        case .redisOlder: try await restartWithOlderState(until: end)
        case .failover: try await failOver(fault)
        case .eviction: try await evict(fault.choice, until: end)
        case .missingRight: try await takeRight(fault.choice, until: end)
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
        for route in scene.routes {
            route.follow(nil)
            try? route.open()
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
        scene.routes[half].close()
        try await fleet.notePermits(fleet.places(behind: half))
    }

    /// Lets the network fail. Which calls are hit depends on nothing but the seed and their number.
    private func follow(_ fault: FaultPlan.Fault) {
        for (index, route) in scene.routes.enumerated() {
            route.follow { request in
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
