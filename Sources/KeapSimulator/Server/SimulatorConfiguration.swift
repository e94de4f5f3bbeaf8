// SPDX-License-Identifier: Apache-2.0

/// The settings of a simulator: the vendor, and the server around it.
public struct SimulatorConfiguration: Sendable, Hashable {
    /// What the vendor allows and reports.
    public var vendor: VendorConfiguration
    /// How long calls take. Default: no longer than they must.
    public var latency: Latency
    /// The IPv4 address to listen on. Default: `127.0.0.1`.
    public var host: String
    /// The port to listen on. 0: a free one. Default: 0.
    public var port: UInt16
    /// How long a call that is never answered is kept before its connection is closed. Default: 60 s.
    public var silence: Duration

    /// Makes a configuration.
    public init(
        vendor: VendorConfiguration = .keapOAuth, latency: Latency = .none, host: String = "127.0.0.1",
        port: UInt16 = 0, silence: Duration = .seconds(60)
    ) {
        (self.vendor, self.latency, self.host, self.port, self.silence) = (vendor, latency, host, port, silence)
    }
}
