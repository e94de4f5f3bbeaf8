// SPDX-License-Identifier: Apache-2.0

/// A host and a port.
package struct RedisEndpoint: Sendable, Hashable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package init(host: String, port: Int) { (self.host, self.port) = (host, port) }

    /// `host:port`, with brackets around an IPv6 address.
    package var description: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Whether a port is one that can be connected to.
    static func isPort(_ port: Int) -> Bool { (1...65_535).contains(port) }

    /// Whether a byte may stand in a host's name or address.
    static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"), UInt8(ascii: "%"):
            true
        default: false
        }
    }

    /// An endpoint that a server named. `nil` if no connection can lead there.
    init?(named host: String, port: Int?) {
        guard let port, Self.isPort(port) else { return nil }
        guard !host.isEmpty, host.utf8.count <= 255, host.utf8.allSatisfy(Self.isOfHost) else { return nil }
        self.init(host: host, port: port)
    }
}
