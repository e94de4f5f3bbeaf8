// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom
import HeadroomURLSession
import KeapSimulator
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

@Suite("URLSession within a budget", .tags(.threads), .timeLimit(.minutes(10)))
struct BudgetTests {
    /// Runs a coordinator, with a plan that does not pace, for as long as the body.
    private func withCoordinator(
        throttle: Int = 1000, _ body: (RateCoordinator) async throws -> Void
    ) async throws {
        let plan = try Plan(
            name: "test", productLimits: [Limit(.throttle, capacity: throttle, window: .rolling(.seconds(60)))])
        let coordinator = RateCoordinator(clientID: "session", plan: plan, ledger: .memory)
        let run = Task { try await coordinator.run() }
        do { try await body(coordinator) } catch {
            run.cancel()
            throw error
        }
        run.cancel()
        try await run.value
    }

    private func request(_ address: String) throws -> URLRequest {
        URLRequest(url: try #require(URL(string: address)), timeoutInterval: 60)
    }

    @Test("A call is made with a permit, and its headers reach the ledger")
    func call() async throws {
        var configuration = SimulatorConfiguration()
        configuration.vendor.throttle = try WindowLimit(1500, per: .seconds(60), counting: .rolling)
        try await SimulatedKeap.withRunning(configuration) { simulator in
            try await withCoordinator { coordinator in
                // Three exchanges in a row must say the same; several calls may ride on one.
                var calls: Int64 = 0
                while coordinator.gauges.first(where: { $0.limit.name == .throttle })?.capacity != 1500, calls < 500 {
                    let (_, response) = try await URLSession.shared.data(
                        for: request(simulator.baseURL + "/a"), budget: coordinator, label: "orders")
                    #expect((response as? HTTPURLResponse)?.statusCode == 200)
                    calls += 1
                }
                #expect(calls < 500, "the vendor's limit was never learned")
                #expect(coordinator.statistics.accepted == calls)
                #expect(coordinator.statistics.outstanding == 0)
                #expect(simulator.report().accepted == Int(calls))
            }
        }
    }

    @Test("A rejected call is made again; if the timeout leaves no time, the rejection is returned as it is")
    func rejection() async throws {
        var configuration = SimulatorConfiguration()
        configuration.vendor.throttle = try WindowLimit(2, per: .seconds(3_600), counting: .calendar)
        try await SimulatedKeap.withRunning(configuration) { simulator in
            try await withCoordinator { coordinator in
                let request = try request(simulator.baseURL + "/a")
                var statuses: [Int?] = []
                for timeout in [60, 60, 4] {
                    let (_, response) = try await URLSession.shared.data(
                        for: request, budget: coordinator, timeout: .seconds(timeout))
                    statuses.append((response as? HTTPURLResponse)?.statusCode)
                }
                #expect(statuses == [200, 200, 429])
                #expect(coordinator.statistics.rejected >= 1)
                #expect(coordinator.statistics.outstanding == 0)
            }
        }
    }

    @Test("A call that was certainly not sent gives its permit back; one that broke off counts as spent")
    func broken() async throws {
        var configuration = SimulatorConfiguration(silence: .milliseconds(20))
        configuration.vendor.faults = Faults(silent: 1)
        try await SimulatedKeap.withRunning(configuration) { simulator in
            try await withCoordinator { coordinator in
                let nowhere = try request("http://127.0.0.1:1/a")
                await #expect(throws: URLError.self) {
                    try await URLSession.shared.data(for: nowhere, budget: coordinator)
                }
                #expect(coordinator.statistics.cancelled == 1 && coordinator.statistics.dropped == 0)
                let silent = try request(simulator.baseURL + "/a")
                await #expect(throws: URLError.self) {
                    try await URLSession.shared.data(for: silent, budget: coordinator)
                }
                #expect(coordinator.statistics.dropped == 1 && coordinator.statistics.outstanding == 0)
            }
        }
    }

    @Test("A call that gets no permit is not made, and says why")
    func noPermit() async throws {
        let coordinator = RateCoordinator(clientID: "session", plan: .keapOAuth, ledger: .memory)
        let error = await #expect(throws: RateLimitError.self) {
            try await URLSession.shared.data(
                for: request("http://127.0.0.1:1/a"), budget: coordinator, timeout: .milliseconds(20))
        }
        #expect(error?.code == .notRunning)
    }
}
