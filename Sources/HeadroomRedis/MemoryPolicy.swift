// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport
import Logging
import RedisClient

/// What a Redis does if its memory is full: it may evict accounts, which are then lost.
struct MemoryPolicy: Equatable {
    /// The name of the policy, such as `noeviction`.
    let name: String
    /// The memory that it may use, in bytes; 0 for all there is. `nil` if it did not say.
    let maximum: Int64?

    /// Whether keys with a time to live may be evicted.
    var evicts: Bool { name != "noeviction" && maximum != 0 }

    /// Reads the answer to `INFO memory`, or to `CONFIG GET maxmemory*`. `nil` if it names no policy.
    init?(_ answer: RedisValue) {
        var values: [String: String] = [:]
        switch answer {
        case .bulk(let bytes):
            for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
                let sides = line.split(separator: ":", maxSplits: 1)
                if sides.count == 2 { values[String(sides[0])] = String(sides[1]) }
            }
        case .array(let words):
            for (name, value) in zip(words, words.dropFirst()) {
                guard case (.bulk(let name), .bulk(let value)) = (name, value) else { continue }
                values[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
            }
        default: return nil
        }
        guard let name = values["maxmemory_policy"] ?? values["maxmemory-policy"] else { return nil }
        (self.name, maximum) = (name, values["maxmemory"].flatMap { Int64($0) })
    }

    /// Asks a server. `nil` if this user may not ask, or no answer comes.
    static func ask(_ connection: RedisConnection) async -> MemoryPolicy? {
        for command in [RedisCommand("INFO", "memory"), RedisCommand("CONFIG", "GET", "maxmemory*")] {
            do {
                return MemoryPolicy(try await connection.send(command))
            } catch {
                // Another command is another right.
                guard error.serverError != nil else { return nil }
            }
        }
        return nil
    }
}

/// A look at the policy of each server that a ledger leads to, once, beside its own calls: none of them waits for it,
/// and none fails with it. A policy that evicts is logged as a warning.
struct MemoryPolicyWatch: ~Copyable, Sendable {
    private let asked = Mutex(Set<RedisAddress.Target>())

    func look(at router: RedisRouter) {
        for connection in router.connections {
            let target = connection.options.address.target
            guard asked.withLock({ $0.insert(target).inserted }) else { continue }
            Task {
                guard let policy = await MemoryPolicy.ask(connection), policy.evicts else { return }
                Self.warn(of: policy, connection.options)
            }
        }
    }

    private static func warn(of policy: MemoryPolicy, _ options: RedisConnectionOptions) {
        options.logger.warning(
            """
            Redis may evict the account when its memory is full. An evicted account is a lost account: calls already \
            made may be granted again. Set maxmemory-policy to noeviction
            """,
            metadata: ["redis": "\(options.address.endpoint)", "maxmemory-policy": "\(policy.name)"])
    }
}
