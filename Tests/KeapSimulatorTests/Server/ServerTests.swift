// SPDX-License-Identifier: Apache-2.0

import Foundation
import KeapSimulator
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

@Suite("The server")
struct ServerTests {
    @Test("Calls over HTTP are answered with the vendor's headers, counted by caller, and in the report")
    func callsAndReport() async throws {
        var configuration = SimulatorConfiguration()
        configuration.vendor.throttle = try WindowLimit(3, per: .seconds(3_600), counting: .calendar)
        configuration.vendor.tenants = .piped
        let report = try await SimulatedKeap.withRunning(configuration) { simulator in
            var statuses: [Int] = []
            for _ in 0..<4 {
                let (_, response) = try await fetch(
                    simulator.baseURL + "/crm/rest/v1/contacts",
                    headers: ["X-Keap-Tenant": "ab123", "X-Headroom-Instance": "one"])
                statuses.append(response.statusCode)
                #expect(response.value(forHTTPHeaderField: "x-keap-tenant-id") == "ab123")
                #expect(response.value(forHTTPHeaderField: "x-keap-tenant-throttle-limit") == "10000|250000")
            }
            #expect(statuses == [200, 200, 200, 429])
            let (data, _) = try await fetch(simulator.baseURL + "/__simulator/report")
            #expect(try JSONDecoder().decode(SimulatorReport.self, from: data).rejected.throttle == 1)
            return simulator.report()
        }
        #expect(report.accepted == 3)
        #expect(report.callers["one"]?.accepted == 3)
        #expect(report.callers["one"]?.rejected == 1)
        #expect(report.tenants["ab123"]?["throttle"]?.used == 3)
    }

    @Test("A reset begins a new report and keeps the windows; with windows it forgets them as well")
    func reset() async throws {
        var configuration = SimulatorConfiguration()
        configuration.vendor.quota = try WindowLimit(1, per: .seconds(86_400), counting: .firstCall)
        try await SimulatedKeap.withRunning(configuration) { simulator in
            #expect(try await fetch(simulator.baseURL + "/a").1.statusCode == 200)
            _ = try await fetch(simulator.baseURL + "/__simulator/reset", method: "POST")
            #expect(simulator.report().total == 0)
            #expect(try await fetch(simulator.baseURL + "/a").1.statusCode == 429)
            _ = try await fetch(simulator.baseURL + "/__simulator/reset?windows=1", method: "POST")
            #expect(try await fetch(simulator.baseURL + "/a").1.statusCode == 200)
        }
    }

    @Test("A silent call is counted, kept, and closed without an answer")
    func silence() async throws {
        var configuration = SimulatorConfiguration(silence: .milliseconds(50))
        configuration.vendor.faults = Faults(silent: 1)
        try await SimulatedKeap.withRunning(configuration) { simulator in
            await #expect(throws: URLError.self) { try await fetch(simulator.baseURL + "/a") }
            #expect(simulator.report().unanswered >= 1)
        }
    }

    @Test("A call under way when the simulator stops is not answered")
    func stopping() async throws {
        let configuration = SimulatorConfiguration(latency: Latency(median: .seconds(600), partBeforeCounting: 0))
        let call = try await SimulatedKeap.withRunning(configuration) { simulator in
            let address = simulator.baseURL + "/a"
            let call = Task { try await fetch(address) }
            while simulator.report().total == 0 { try await Task.sleep(for: .milliseconds(5)) }
            return call
        }
        await #expect(throws: URLError.self) { try await call.value }
    }

    @Test("Latency passes in part before a call is counted, and in part after")
    func latency() async throws {
        let latency = Latency(
            lateShare: 1, lateRange: .milliseconds(100) ... .milliseconds(120), partBeforeCounting: 0.5)
        try await SimulatedKeap.withRunning(SimulatorConfiguration(latency: latency)) { simulator in
            let before = Date().timeIntervalSince1970
            try await fetch(simulator.baseURL + "/a")
            let after = Date().timeIntervalSince1970
            let counted = try #require(simulator.report().firstCall)
            #expect(counted - before >= 0.05)
            #expect(after - counted >= 0.05)
        }
    }

    @Test("A port that is taken, and a host that is none, are errors")
    func errors() async throws {
        try await SimulatedKeap.withRunning { simulator in
            var taken = SimulatorConfiguration(port: simulator.port)
            await #expect(throws: SimulatorError.self) { try await SimulatedKeap.withRunning(taken) { _ in } }
            taken.host = "nowhere"
            #expect(throws: SimulatorError.self) { try SimulatedKeap(taken) }
        }
    }
}

@discardableResult
private func fetch(
    _ address: String, method: String = "GET", headers: [String: String] = [:]
) async throws -> (Data, HTTPURLResponse) {
    var request = URLRequest(url: try #require(URL(string: address)))
    request.httpMethod = method
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let (data, response) = try await URLSession.shared.data(for: request)
    return (data, try #require(response as? HTTPURLResponse))
}
