// SPDX-License-Identifier: Apache-2.0

/// What one worker of a soak does.
struct SoakOrder: Sendable, Codable {
    /// How the vendor's report calls it.
    var name: String
    /// The vendor.
    var url: String
    var redis: String
    var clientID: String
    var concurrency: Int
    /// Seconds.
    var window: Int
    /// Seconds.
    var timeToLive: Int
}

/// What a worker tells at its end.
struct SoakTally: Sendable, Codable {
    var answered = 0
    /// Calls that may have been counted.
    var unanswered = 0
    /// Callers that got no permit.
    var refused = 0
}
