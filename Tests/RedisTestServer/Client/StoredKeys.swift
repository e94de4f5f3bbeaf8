// SPDX-License-Identifier: Apache-2.0

package import RedisClient

/// What is in a server's keys at one moment: to compare it with another moment or another server, and to go back to it.
///
/// Equal if the same keys hold the same, byte by byte; times to live and the order of fields do not matter.
package struct StoredKeys: Sendable, Equatable {
    /// What one key holds.
    package enum Content: Sendable, Hashable {
        case string([UInt8])
        case hash([[UInt8]: [UInt8]])
        /// Of other types: Redis' own serialisation.
        case other([UInt8])
    }

    /// A key as it can be brought back.
    private struct Copy: Sendable {
        let key: String
        let dump: [UInt8]
        let life: Int64
    }

    package var contents: [String: Content] = [:]
    private var copies: [Copy] = []
    private let pattern: String

    package static func == (left: StoredKeys, right: StoredKeys) -> Bool { left.contents == right.contents }

    /// Reads, at one moment, all keys of a pattern.
    package init(_ redis: RedisConnection, _ pattern: String = "headroom:*") async throws {
        self.pattern = pattern
        let answer = try await redis.send(RedisCommand("EVAL", Self.reading, "0", pattern))
        guard case .array(let entries) = answer else { throw RedisTestServerError("no keys but \(answer)") }
        for case .array(let entry) in entries {
            guard case .bulk(let name) = entry[0], case .bulk(let type) = entry[1], case .bulk(let dump) = entry[3],
                case .integer(let life) = entry[4]
            else { throw RedisTestServerError("no key but \(entry)") }
            let key = String(decoding: name, as: UTF8.self)
            contents[key] = Self.content(String(decoding: type, as: UTF8.self), entry[2], dump)
            copies.append(Copy(key: key, dump: dump, life: life))
        }
    }

    /// The keys' names in their order.
    package var keys: [String] { contents.keys.sorted() }

    /// Brings the keys of the pattern back to what they were, with the times to live that they had.
    package func restore(to redis: RedisConnection) async throws {
        var command = RedisCommand("EVAL", Self.restoring, "0", pattern)
        for copy in copies {
            command.append(copy.key)
            command.append(max(0, copy.life))
            command.append(copy.dump)
        }
        guard try await redis.send(command) == .integer(Int64(copies.count)) else {
            throw RedisTestServerError("not all keys came back")
        }
    }

    /// The keys in which two moments differ, with the fields of hashes.
    package func differences(from other: StoredKeys) -> [String] {
        Set(contents.keys).union(other.contents.keys).sorted().flatMap { key -> [String] in
            guard contents[key] != other.contents[key] else { return [] }
            guard case .hash(let fields)? = contents[key], case .hash(let others)? = other.contents[key] else {
                return [key]
            }
            return Set(fields.keys).union(others.keys).filter { fields[$0] != others[$0] }
                .map { "\(key) \(String(decoding: $0, as: UTF8.self))" }.sorted()
        }
    }

    private static func content(_ type: String, _ value: RedisValue, _ dump: [UInt8]) -> Content {
        switch (type, value) {
        case ("string", .bulk(let bytes)): return .string(bytes)
        case ("hash", .array(let pairs)):
            var fields: [[UInt8]: [UInt8]] = [:]
            for index in stride(from: 0, to: pairs.count - 1, by: 2) {
                if case .bulk(let field) = pairs[index], case .bulk(let bytes) = pairs[index + 1] {
                    fields[field] = bytes
                }
            }
            return .hash(fields)
        default: return .other(dump)
        }
    }

    private static let reading = """
        local entries = {}
        for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
            local type, content = redis.call('TYPE', key).ok, false
            if type == 'string' then content = redis.call('GET', key) end
            if type == 'hash' then content = redis.call('HGETALL', key) end
            local dump = redis.call('DUMP', key)
            if dump then entries[#entries + 1] = { key, type, content, dump, redis.call('PTTL', key) } end
        end
        return entries
        """

    private static let restoring = """
        for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end
        for place = 2, #ARGV, 3 do redis.call('RESTORE', ARGV[place], ARGV[place + 1], ARGV[place + 2]) end
        return (#ARGV - 1) / 3
        """
}
