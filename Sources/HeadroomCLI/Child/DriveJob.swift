// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom
import HeadroomRedis
import Logging

/// The calls of one process, from the start to the last figures.
struct DriveJob: Sendable {
    private let order: DriveOrder
    private let plan: Plan
    private let caller: VendorCaller
    private let counter: CallCounter
    private let coordinator: RateCoordinator?

    /// How long calls under way are waited for at the end.
    private static let patience = Duration.milliseconds(1_200)
    private static let reportInterval = Duration.milliseconds(200)

    /// - Throws: an error that says what of the order cannot be used.
    init(_ order: DriveOrder, logger: Logger) throws {
        self.order = order
        plan = try Plan.named(order.plan).applying(order.limits.map { text throws(OptionError) in try LimitRule(text) })
        guard let url = URL(string: order.url) else { throw OptionError("'\(order.url)' is no URL") }
        caller = VendorCaller(url, tenant: order.tenant, process: order.process, concurrency: order.concurrency)
        counter = CallCounter(calls: order.calls, concurrency: order.concurrency)
        coordinator = try Self.coordinator(order, plan, logger)
    }

    /// Makes the calls, and reports them several times a second.
    ///
    /// Cancelling the task ends it: no call is begun any more, those under way are given a moment, permits are given
    /// back.
    func run(send: @escaping @Sendable (ChildMessage) -> Void) async {
        let background = coordinator.map { coordinator in Task { try? await coordinator.run() } }
        let reporting = Task {
            while (try? await Task.sleep(for: Self.reportInterval)) != nil { send(.report(report())) }
        }
        await makeCalls()
        counter.finish(url: order.url)
        coordinator?.shutdown()
        await background?.value
        reporting.cancel()
        await reporting.value
        send(.done(report()))
    }

    private func makeCalls() async {
        let work = Task {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<order.concurrency { group.addTask { await worker.run() } }
            }
        }
        let timer = Task {
            guard let seconds = order.seconds, (try? await Task.sleep(for: .seconds(seconds))) != nil else { return }
            stop(work)
        }
        await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            stop(work)
        }
        timer.cancel()
    }

    private func stop(_ work: Task<Void, Never>) {
        counter.stop()
        work.cancel()
        Task {
            try? await Task.sleep(for: Self.patience)
            caller.cutOff()
        }
    }

    private var worker: Worker {
        Worker(
            order: order, priority: Priority(named: order.priority) ?? .normal, caller: caller, counter: counter,
            coordinator: coordinator)
    }

    private func report() -> ProcessReport {
        counter.report(
            roundTrips: coordinator?.statistics.roundTrips ?? 0,
            limits: coordinator?.gauges.map { LimitUse($0, plan: plan) } ?? [])
    }

    private static func coordinator(_ order: DriveOrder, _ plan: Plan, _ logger: Logger) throws -> RateCoordinator? {
        let ledger: Ledger
        switch order.coordination {
        case .none: return nil
        case .memory: ledger = .memory
        case .redis(let address):
            ledger = try .redis(address, clientName: "headroom-drive-\(order.process)", logger: logger)
        }
        var configuration = RateCoordinator.Configuration()
        // How near the limits are is on the display already.
        configuration.warnAt = []
        configuration.timeToLive = .seconds(order.timeToLiveSeconds)
        configuration.maximumWaiters = max(configuration.maximumWaiters, order.concurrency)
        return RateCoordinator(
            clientID: order.clientID, plan: plan, ledger: ledger, configuration: configuration, logger: logger)
    }
}
