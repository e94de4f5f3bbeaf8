// SPDX-License-Identifier: Apache-2.0

/// The work of one process of a drive, sent to it on standard input: no other user of the machine can read that.
package struct DriveOrder: Sendable, Hashable, Codable {
    /// How the process asks before a call.
    package enum Coordination: Sendable, Hashable, Codable {
        /// The account is in the Redis at that address.
        case redis(String)
        /// The account is in the memory of this process.
        case memory
        /// Nobody is asked. After a 429 a task waits that long.
        case none(backoffSeconds: Double)
    }

    /// The process' number, from 1.
    package var process: Int
    package var url: String
    package var coordination: Coordination
    package var clientID: String
    package var plan: String
    package var limits: [String]
    package var tenant: String?
    package var label: String?
    package var priority: String
    /// Calls that are made at one time.
    package var concurrency: Int
    /// Calls that are made in all. `nil`: as many as the time allows.
    package var calls: Int?
    /// How long calls are begun. `nil`: until all are made.
    package var seconds: Double?
    /// How long a task waits for a permit.
    package var timeoutSeconds: Double
    /// How long each lease is kept before the call.
    package var holdSeconds: Double
    /// How long the process may be away from the ledger before its permits count as spent.
    package var timeToLiveSeconds: Double
    package var isVerbose: Bool

    package init(
        process: Int, url: String, coordination: Coordination, clientID: String, plan: String, limits: [String],
        tenant: String? = nil, label: String? = nil, priority: String, concurrency: Int, calls: Int?,
        seconds: Double? = nil, timeoutSeconds: Double, holdSeconds: Double, timeToLiveSeconds: Double,
        isVerbose: Bool
    ) {
        (self.process, self.url, self.coordination, self.clientID) = (process, url, coordination, clientID)
        (self.plan, self.limits, self.tenant, self.label) = (plan, limits, tenant, label)
        (self.priority, self.concurrency, self.calls, self.seconds) = (priority, concurrency, calls, seconds)
        (self.timeoutSeconds, self.holdSeconds) = (timeoutSeconds, holdSeconds)
        (self.timeToLiveSeconds, self.isVerbose) = (timeToLiveSeconds, isVerbose)
    }

    /// One order for each of several processes: calls are divided evenly, the first ones make those left over.
    package func divided(among processes: Int) -> [DriveOrder] {
        (0..<processes).map { index in
            var order = self
            order.process = index + 1
            order.calls = calls.map { $0 / processes + (index < $0 % processes ? 1 : 0) }
            return order
        }
    }
}
