// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import Headroom

/// The work of one process of a fleet.
struct FleetOrder: Sendable, Codable {
    /// The socket file of Redis.
    var socket: String
    var clientID: String
    var rate: FleetRate
    /// How many coordinators in this process.
    var coordinators: Int
    /// Whether they share one connection to Redis; else each has its own.
    var sharesConnection = false
    /// Tasks of each that want permits all the time.
    var tasks: Int
    /// How long they do before anything is counted. Seconds.
    var warmUp: Double
    /// How long calls are counted. Seconds.
    var seconds: Double
}

/// The budget that a fleet shares.
enum FleetRate: String, Sendable, Codable, CaseIterable {
    case keap
    case fast

    var plan: Plan {
        get throws {
            switch self {
            case .keap: .keapOAuth
            case .fast:
                try Plan(
                    name: "5000/s",
                    productLimits: [
                        Limit(.spike, capacity: 5_000, window: .paced(.seconds(1))),
                        Limit(.throttle, capacity: 300_000, window: .rolling(.seconds(60))),
                    ])
            }
        }
    }

    /// Calls a second.
    var perSecond: Double { self == .keap ? 25 : 5_000 }
    /// How long a call takes.
    static let callTime = Duration.milliseconds(5)

    /// Tasks of each coordinator. All tasks are four times as many as the rate could keep busy.
    func tasks(_ coordinators: Int) -> Int {
        min(128, max(2, Int((4 * perSecond * 0.005 / Double(coordinators)).rounded(.up)) + 1))
    }
}

/// The figures that one process of a fleet reports at its end.
struct FleetResult: Sendable, Codable {
    /// Calls made by each coordinator.
    var calls: [Int]
    var trips: Int
    var heartbeats: Int
    /// Permits granted.
    var granted: Int
    /// Microseconds of the exchanges that asked for permits.
    var exchanges: [Double]
    /// Exchanges that failed.
    var failures: Int
    /// When each coordinator was last taken in by the ledger, by ``Clock/now()``, which all processes share.
    var joinedAt: [Int64]
}
