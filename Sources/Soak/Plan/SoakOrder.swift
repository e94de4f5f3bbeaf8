// SPDX-License-Identifier: Apache-2.0

/// The work of one worker of a soak.
struct SoakOrder: Sendable, Codable {
    /// Its name in the vendor's report.
    var name: String
    /// The vendor's address.
    var url: String
    var redis: String
    var clientID: String
    var concurrency: Int
    /// Seconds.
    var window: Int
    /// Seconds.
    var timeToLive: Int
}

/// The figures that a worker reports at its end.
struct SoakTally: Sendable, Codable {
    var answered = 0
    /// Calls that may have been counted.
    var unanswered = 0
    /// Waits for a permit that failed.
    var unserved = 0
}
