// SPDX-License-Identifier: Apache-2.0

import HeadroomRedis
import RedisClient

/// An operator's way to a benchmark's Redis: its figures, and commands that empty it.
struct RedisAdmin: Sendable {
    let connection: RedisConnection

    /// Deletes everything.
    func empty() async throws { _ = try await connection.send(RedisCommand("FLUSHALL")) }

    /// Makes a script known.
    func load(_ script: RedisScript) async throws {
        var command = RedisCommand("SCRIPT", "LOAD")
        command.append(script.source)
        _ = try await connection.send(command)
    }

    /// The lines of a section of INFO, by name.
    func info(_ section: String) async throws -> [String: String] {
        guard case .bulk(let bytes) = try await connection.send(RedisCommand("INFO", section)) else { return [:] }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        let pairs = lines.compactMap { line -> (String, String)? in
            let parts = line.split(separator: ":", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }

    /// Processor time that the server has used. Seconds.
    func processorTime() async throws -> Double {
        let info = try await info("cpu")
        return ["used_cpu_user", "used_cpu_sys"].reduce(0) { $0 + (info[$1].flatMap(Double.init) ?? 0) }
    }

    /// The memory that the server uses, buffers included. Bytes.
    func memory() async throws -> Double {
        try await info("memory")["used_memory"].flatMap(Double.init) ?? 0
    }

    /// Calls of scripts since the last ``forgetCalls()``, and the microseconds they took.
    func scriptCalls() async throws -> (calls: Int, microseconds: Double) {
        let info = try await info("commandstats")
        var sum = (calls: 0, microseconds: 0.0)
        for name in ["evalsha", "eval", "fcall"] {
            guard let line = info["cmdstat_\(name)"] else { continue }
            for field in line.split(separator: ",") {
                let parts = field.split(separator: "=")
                if parts[0] == "calls" { sum.calls += Int(parts[1]) ?? 0 }
                if parts[0] == "usec" { sum.microseconds += Double(parts[1]) ?? 0 }
            }
        }
        return sum
    }

    /// Begins the counts of calls anew.
    func forgetCalls() async throws { _ = try await connection.send(RedisCommand("CONFIG", "RESETSTAT")) }

    /// Lets the server list the commands that take half a millisecond or more, from now on.
    func listSlow() async throws {
        _ = try await connection.send(RedisCommand("CONFIG", "SET", "slowlog-log-slower-than", "500"))
        _ = try await connection.send(RedisCommand("CONFIG", "SET", "slowlog-max-len", "100000"))
        _ = try await connection.send(RedisCommand("SLOWLOG", "RESET"))
    }

    /// The longest time that a command took since the last ``listSlow()``, by the server's own clock. Microseconds.
    func slowest() async throws -> Int {
        guard case .array(let entries) = try await connection.send(RedisCommand("SLOWLOG", "GET", "100000")) else {
            return 0
        }
        return entries.reduce(0) { slowest, entry in
            if case .array(let fields) = entry, case .integer(let time) = fields[2] {
                max(slowest, Int(time))
            } else {
                slowest
            }
        }
    }

    /// Lets the server write an append-only file, or write none.
    func setAppendOnly(_ isOn: Bool) async throws {
        _ = try await connection.send(RedisCommand("CONFIG", "SET", "auto-aof-rewrite-percentage", "0"))
        _ = try await connection.send(RedisCommand("CONFIG", "SET", "appendonly", isOn ? "yes" : "no"))
        for _ in 0..<500 {
            let info = try await info("persistence")
            let isRewritten = info["aof_rewrite_in_progress"] == "0" && info["aof_rewrite_scheduled"] == "0"
            if isRewritten, info["aof_enabled"] == (isOn ? "1" : "0") { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw BenchmarkFailure("Redis did not \(isOn ? "begin" : "end") its append-only file within 10 s")
    }

    /// The bytes of the append-only file.
    func appendOnlySize() async throws -> Int {
        guard let size = try await info("persistence")["aof_current_size"].flatMap({ Int($0) }) else {
            throw BenchmarkFailure("Redis has no append-only file")
        }
        return size
    }

    /// The bytes that keys take, by name.
    func memory(ofKeys pattern: String) async throws -> [String: Int] {
        guard case .array(let keys) = try await connection.send(RedisCommand("KEYS", pattern)) else { return [:] }
        var sizes: [String: Int] = [:]
        for case .bulk(let bytes) in keys {
            var command = RedisCommand("MEMORY", "USAGE")
            command.append(bytes)
            command.append("SAMPLES")
            command.append(0)
            if case .integer(let size) = try await connection.send(command) {
                sizes[String(decoding: bytes, as: UTF8.self)] = Int(size)
            }
        }
        return sizes
    }

    /// Lets the server listen on a free port of 127.0.0.1 as well.
    func listen() async throws -> Int {
        for _ in 0..<20 {
            let port = Int.random(in: 20_000..<32_000)
            if (try? await connection.send(RedisCommand("CONFIG", "SET", "port", "\(port)"))) != nil { return port }
        }
        throw BenchmarkFailure("Redis could not listen on any of 20 ports between 20,000 and 32,000")
    }
}
