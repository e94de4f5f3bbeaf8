// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation
import Headroom
import HeadroomURLSession

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Calls a small server with Acme's headers, through URLSession, until its limit is known.
@main
struct OtherVendor {
    static func main() async throws {
        let server = AcmeServer(limit: 500)
        let address = try await server.start()
        let coordinator = RateCoordinator(clientID: "example", plan: try .acme(), ledger: .memory)
        let run = Task { try await coordinator.run() }

        var calls = 0
        while coordinator.gauges.first?.capacity != 500, calls < 500 {
            let (_, response) = try await URLSession.shared.data(
                for: URLRequest(url: address), budget: coordinator, label: "orders")
            guard (response as? HTTPURLResponse)?.statusCode == 200 else { fatalError("not answered: \(response)") }
            calls += 1
        }

        let statistics = coordinator.statistics
        print("answered: \(statistics.accepted == calls ? "all" : "\(statistics.accepted) of \(calls)")")
        print("rejected and made again: \(statistics.rejected)")
        print("limit: \(coordinator.gauges.first.map { "\($0.limit) is \($0.capacity)" } ?? "unknown")")
        coordinator.shutdown()
        try await run.value
        await server.stop()
    }
}

/// Answers every call but the second, which it puts off for a tenth of a second.
actor AcmeServer {
    private let limit: Int
    private let server = HTTPServer(address: .loopback(port: 0), logger: .disabled)
    private var task: Task<Void, any Error>?
    private var calls = 0

    init(limit: Int) { self.limit = limit }

    func start() async throws -> URL {
        await server.appendRoute("*") { _ in await self.answer() }
        task = Task { [server] in try await server.run() }
        try await server.waitUntilListening()
        guard case .ip6(_, let port)? = await server.listeningAddress else { fatalError("the server does not listen") }
        guard let url = URL(string: "http://localhost:\(port)/orders") else { fatalError("no address") }
        return url
    }

    func stop() async {
        await server.stop()
        _ = try? await task?.value
    }

    private func answer() -> HTTPResponse {
        calls += 1
        let counts = [HTTPHeader("Acme-Limit"): "\(limit)", HTTPHeader("Acme-Used"): "\(calls)"]
        guard calls == 2 else { return HTTPResponse(statusCode: .ok, headers: HTTPHeaders(counts)) }
        let fault = [HTTPHeader("Acme-Fault"): "slow-down", HTTPHeader("Acme-Wait-MS"): "100"]
        return HTTPResponse(
            statusCode: .serviceUnavailable, headers: HTTPHeaders(counts.merging(fault) { $1 }))
    }
}
