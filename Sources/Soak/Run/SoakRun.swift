// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Headroom
import HeadroomSupport
import KeapSimulator

/// One soak: workers call a vendor within one budget while things break, and at the end the vendor's count and the
/// ledger's are compared.
struct SoakRun {
    let options: SoakOptions

    func run() async throws -> SoakReport {
        try await SimulatedKeap.withRunning(SoakLimits(window: options.window).vendor) { simulator in
            let scene = try SoakScene(options, simulator)
            defer { scene.end() }
            let watch = SoakWatch(scene)
            var fleet = SoakFleet(scene)
            defer { fleet.kill() }
            async let _ = watch.run()
            try await fleet.start()
            let lines = try await makeFaults(scene, watch, &fleet)
            await fleet.finish()
            return report(simulator.report(), lines, watch, fleet, try await scene.finalStatus())
        }
    }

    /// Makes the faults of the plan; what each kind did.
    private func makeFaults(
        _ scene: SoakScene, _ watch: SoakWatch, _ fleet: inout SoakFleet
    ) async throws -> [SoakReport.FaultLine] {
        let faults = plan.faults
        var start = ContinuousClock.now
        var lines: [FaultKind: SoakReport.FaultLine] = [:]
        watch.follow(fleet.processes)
        try await Task.sleep(until: start + .seconds(faults.first?.start ?? options.seconds))
        _ = watch.mark()
        for (index, fault) in faults.enumerated() {
            try await make(fault, FaultMaker(scene: scene), &fleet)
            watch.follow(fleet.processes)
            // If it took longer than planned, all that follows comes later by as much.
            start = max(start, .now - .seconds(fault.start + fault.span))
            let next = index + 1 < faults.count ? faults[index + 1].start : options.seconds
            try await Task.sleep(until: start + .seconds(next))
            lines[fault.kind, default: .init(fault.kind)].add(fault, watch.mark())
        }
        return FaultKind.allCases.compactMap { lines[$0] }
    }

    private var plan: FaultPlan {
        var generator = SplitMix(seed: options.seed)
        return FaultPlan(
            options.kinds, seconds: options.seconds, warmUp: options.warmUp,
            timeToLive: Double(options.timeToLive), using: &generator)
    }

    /// Makes a fault. One that cannot be made is in the report.
    private func make(_ fault: FaultPlan.Fault, _ maker: FaultMaker, _ fleet: inout SoakFleet) async throws {
        announce(fault)
        do {
            try await maker.make(fault, &fleet)
        } catch let failure where !(failure is CancellationError) {
            fleet.note("\(fault.kind.rawValue): \(failure)")
        }
    }

    private func announce(_ fault: FaultPlan.Fault) {
        let span = fault.span > 0 ? " for \(NumberText.fixed(fault.span, decimals: 1)) s" : ""
        StandardError.write("\(NumberText.fixed(fault.start, decimals: 1)) s  \(fault.kind.rawValue)\(span)\n")
    }

    private func report(
        _ vendor: SimulatorReport, _ lines: [SoakReport.FaultLine], _ watch: SoakWatch, _ fleet: SoakFleet,
        _ ledger: SoakAccount.Ledger
    ) -> SoakReport {
        let (window, extremes) = (vendor.limits["throttle"], watch.extremes)
        return SoakReport(
            seconds: options.seconds, seed: options.seed, workers: options.workers, concurrency: options.concurrency,
            timeToLive: Double(options.timeToLive), faults: lines,
            vendor: .init(
                calls: vendor.total, rejected: vendor.rejected.total, allowance: window?.shareOfCallers ?? 0,
                capacity: window?.capacity ?? 0, most: extremes.most, longestGap: extremes.longestGap),
            account: SoakAccount(fleet.gone, vendorDay: vendor.limits["quota"]?.used ?? 0, ledger: ledger),
            unanswered: fleet.unanswered, workerMemory: watch.workerMemory, redisMemory: watch.redisMemory,
            keys: extremes.keys, mishaps: fleet.mishaps)
    }
}
