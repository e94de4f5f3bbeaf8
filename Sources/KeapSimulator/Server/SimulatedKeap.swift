// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import FlyingSocks
import Foundation

/// The vendor's API and its limits on a local port, to test integrations against.
///
/// Every path and method is a call. A call names its tenant in the header `X-Keap-Tenant`, else in the query item
/// `tenant`; the report names its caller by `X-Headroom-Instance`, else by `User-Agent`. `GET /__simulator/report`
/// answers with what was counted, `POST /__simulator/reset` begins a new report, and `POST
/// /__simulator/reset?windows=1` a new vendor.
///
/// <!-- snippet: not compiled -->
/// ```swift
/// var configuration = SimulatorConfiguration(vendor: .keapOAuth)
/// configuration.vendor.strangers = [try Strangers(perMinute: 480)]
/// try await SimulatedKeap.withRunning(configuration) { simulator in
///     try await runTheIntegration(baseURL: simulator.baseURL)
///     #expect(simulator.report().rejected.total == 0)
/// }
/// ```
///
/// Values are thread-safe, and copies are of the same simulator.
public struct SimulatedKeap: Sendable {
    private let core: SimulatorCore
    private let server: HTTPServer
    private let host: String
    private let requestedPort: UInt16

    /// Makes a simulator that does not listen yet.
    ///
    /// - Throws: an error that says what would be right, if the host is not an IPv4 address.
    public init(_ configuration: SimulatorConfiguration = SimulatorConfiguration()) throws {
        let address: sockaddr_in
        do {
            address = try .inet(ip4: configuration.host, port: configuration.port)
        } catch {
            throw SimulatorError("host '\(configuration.host)' is not an IPv4 address such as 127.0.0.1")
        }
        (host, requestedPort) = (configuration.host, configuration.port)
        core = SimulatorCore(configuration)
        server = Self.makeServer(address, SimulatorHandler(core: core, silence: configuration.silence))
    }

    /// Listens and answers until the task is cancelled; then returns.
    ///
    /// - Throws: an error with the address, if the port cannot be had.
    public func run() async throws {
        do {
            try await server.run()
        } catch {
            guard !Task.isCancelled else { return }
            throw SimulatorError("cannot listen on \(host):\(requestedPort): \(error)")
        }
    }

    /// Waits until ``run()`` listens, and returns the port.
    ///
    /// - Throws: an error if it does not listen within 5 seconds.
    public func port() async throws -> UInt16 {
        try await server.waitUntilListening()
        guard case .ip4(_, let port) = await server.listeningAddress else {
            throw SimulatorError("the simulator does not listen")
        }
        return port
    }

    /// What was counted so far.
    public func report() -> SimulatorReport { core.report() }

    /// Begins a new report; with `windows`, the vendor forgets all calls as well.
    public func reset(windows: Bool = false) { core.reset(windows: windows) }

    /// Sets other faults and another latency than configured, from now on. `nil`: as configured.
    package func disturb(faults: Faults? = nil, latency: Latency? = nil) { core.disturb(faults, latency) }

    /// Runs a simulator while `body` runs, and stops it.
    ///
    /// - Throws: what `body` throws, or what ``run()`` throws if the port cannot be had.
    public static func withRunning<Result>(
        _ configuration: SimulatorConfiguration = SimulatorConfiguration(),
        _ body: (RunningSimulator) async throws -> Result
    ) async throws -> Result {
        let simulator = try SimulatedKeap(configuration)
        return try await withThrowingTaskGroup(of: UInt16?.self) { group in
            group.addTask {
                try await simulator.run()
                return nil
            }
            group.addTask { try await simulator.port() }
            defer { group.cancelAll() }
            // The first to end is the one that waits for the port, or a run that could not listen.
            guard let port = try await group.next() ?? nil else { throw CancellationError() }
            return try await body(RunningSimulator(simulator, host: simulator.host, port: port))
        }
    }

    private static func makeServer(_ address: sockaddr_in, _ handler: some HTTPHandler) -> HTTPServer {
        func configure(_ pool: some AsyncSocketPool) -> HTTPServer {
            HTTPServer(
                config: .init(
                    // Calls that are never answered stay with the handler; the server must not end them earlier.
                    address: address, timeout: 86_400, pool: NoDelayPool(base: pool), logger: .disabled),
                handler: handler)
        }
        return configure(HTTPServer.defaultPool())
    }
}
