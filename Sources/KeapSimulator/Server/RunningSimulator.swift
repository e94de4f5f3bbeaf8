// SPDX-License-Identifier: Apache-2.0

/// A simulator that listens, and its address.
public struct RunningSimulator: Sendable {
    /// The port it listens on.
    public let port: UInt16
    /// Where it listens, without a slash at the end: `http://127.0.0.1:8080`.
    public let baseURL: String
    private let simulator: SimulatedKeap

    init(_ simulator: SimulatedKeap, host: String, port: UInt16) {
        (self.simulator, self.port) = (simulator, port)
        baseURL = "http://\(host):\(port)"
    }

    /// What was counted so far.
    public func report() -> SimulatorReport { simulator.report() }

    /// Begins a new report; with `windows`, the vendor forgets all calls as well.
    public func reset(windows: Bool = false) { simulator.reset(windows: windows) }

    /// Sets other faults and another latency than configured, from now on. `nil`: as configured.
    package func disturb(faults: Faults? = nil, latency: Latency? = nil) {
        simulator.disturb(faults: faults, latency: latency)
    }
}
