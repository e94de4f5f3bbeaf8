// SPDX-License-Identifier: Apache-2.0

/// The kinds of faults that a soak makes.
package enum FaultKind: String, Sendable, Codable, CaseIterable {
    /// `kill -9` of a worker; another one takes its place at once.
    case workerKill = "worker-kill"
    /// SIGSTOP and SIGCONT of a worker, shorter than its time to live.
    case workerPause = "worker-pause"
    /// SIGSTOP and SIGCONT of a worker, longer than its time to live.
    case workerStall = "worker-stall"
    /// `kill -9` of Redis, started again at once with its append-only file.
    case redisRestart = "redis-restart"
    /// `kill -9` of Redis, started again with its append-only file after a while.
    case redisDown = "redis-down"
    /// `kill -9` of Redis, started again with nothing.
    case redisEmpty = "redis-empty"
    /// `kill -9` of Redis, started again with what it knew a while ago.
    case redisOlder = "redis-older"
    /// Another server becomes the master by SENTINEL FAILOVER while both are alive, and for a while both take writes.
    case failover
    /// Redis has too little memory and a policy that evicts the account.
    case eviction
    /// The workers' user may not send one of the commands that the scripts are made of.
    case missingRight = "missing-right"
    /// FLUSHALL.
    case flushAll = "flush-all"
    /// SCRIPT FLUSH and FUNCTION FLUSH.
    case scriptFlush = "script-flush"
    /// CLIENT KILL of all connections.
    case clientKill = "client-kill"
    /// CLIENT PAUSE of all commands.
    case clientPause = "client-pause"
    /// DEBUG SLEEP: Redis takes connections and answers nothing.
    case debugSleep = "debug-sleep"
    /// Connections end before a script ran, after it, or in the middle of its reply.
    case networkCut = "network-cut"
    /// Requests and replies come late.
    case networkDelay = "network-delay"
    /// Connections stay and pass nothing on any more, before a script ran or after it.
    case networkDrop = "network-drop"
    /// Half of the workers cannot reach Redis for longer than their time to live.
    case partition
    /// The vendor answers some calls with 500 and 503.
    case vendorErrors = "vendor-errors"
    /// The vendor answers late.
    case vendorSlow = "vendor-slow"

    /// How long it lasts, in times to live.
    package var span: ClosedRange<Double> {
        switch self {
        case .workerKill, .redisRestart, .redisEmpty, .flushAll, .scriptFlush, .clientKill: 0...0
        case .workerPause, .redisDown, .redisOlder, .eviction, .missingRight, .clientPause, .debugSleep: 0.1...0.4
        case .failover, .networkCut, .networkDelay, .networkDrop, .vendorErrors, .vendorSlow: 0.3...0.8
        case .workerStall, .partition: 1.3...2
        }
    }

    /// Whether Redis forgets all that it knew.
    package var losesMemory: Bool { [.redisEmpty, .eviction, .flushAll].contains(self) }

    /// The kinds that a text names, separated by commas.
    ///
    /// - Throws: ``SoakOptionError``, which names what is no kind, and those that there are.
    package static func list(_ text: String) throws(SoakOptionError) -> [FaultKind] {
        try text.split(separator: ",").map { name throws(SoakOptionError) in
            guard let kind = FaultKind(rawValue: String(name)) else {
                let known = allCases.map(\.rawValue).joined(separator: ", ")
                throw SoakOptionError("no fault '\(name)'; there are: \(known)")
            }
            return kind
        }
    }
}
