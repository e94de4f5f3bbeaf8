// SPDX-License-Identifier: Apache-2.0

package import Logging

/// Options of a connection: how it connects, how long it waits, and how much it takes on.
package struct RedisConnectionOptions: Sendable {
    package var address: RedisAddress
    /// What `CLIENT LIST` shows for this connection. Default: nothing. Bytes that Redis does not allow become `-`.
    package var clientName: String?
    /// The longest that one attempt may take: finding the host, connecting, logging in. Default 2 s.
    package var connectTimeout: Duration = .seconds(2)
    /// The deadline of a command that has no timeout of its own. Default 1 s.
    package var commandTimeout: Duration = .seconds(1)
    /// The most commands that may hold a place, waiting ones and those in flight. Default 16,384.
    package var maximumQueued = 16_384
    /// About the first pause between attempts to connect; each further one is twice as long. Default 50 ms.
    package var minimumBackoff: Duration = .milliseconds(50)
    /// The longest pause between attempts to connect. Default 2 s.
    package var maximumBackoff: Duration = .seconds(2)
    /// A connection on which a command timed out is given up if nobody is served for this long. Default 1 s.
    package var maximumSilence: Duration = .seconds(1)
    /// The largest answer taken, in bytes; a larger one ends the connection. Default 64 MiB.
    package var maximumReplyBytes = 64 << 20
    /// What the names of the connection's threads begin with, in system tools. Default: nothing.
    package var threadPrefix = ""
    /// Where losses and recoveries of the connection are logged. Default: nowhere.
    package var logger: Logger

    package init(address: RedisAddress, logger: Logger = .silent) {
        (self.address, self.logger) = (address, logger)
    }

    /// The longest pause if another server may take over: finding that one should not take longer than its taking over.
    package static let longestPauseInTopology = Duration.milliseconds(500)

    /// The same options for a node of a cluster.
    func ofNode(_ node: RedisAddress.Target) -> RedisConnectionOptions {
        var options = self
        options.address = address.at(node)
        options.maximumBackoff = min(maximumBackoff, Self.longestPauseInTopology)
        return options
    }

    /// The longest pause between attempts to connect to this address.
    var longestPause: Duration {
        guard case .sentinel = address.target else { return maximumBackoff }
        return min(maximumBackoff, Self.longestPauseInTopology)
    }
}

extension Logger {
    /// A logger that writes nowhere.
    package static var silent: Logger { Logger(label: "redis", factory: { _ in SwiftLogNoOpLogHandler() }) }
}
