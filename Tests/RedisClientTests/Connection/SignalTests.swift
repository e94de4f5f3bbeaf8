// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTestServer
import Testing

@testable import RedisClient

@Suite("Signals")
struct SignalTests {
    @Test("Writing to a broken connection is an error, not the end of the process")
    func brokenPipe() async {
        await #expect(processExitsWith: .exitCode(7)) {
            signal(SIGPIPE, SIG_DFL)
            var ends: [Int32] = [-1, -1]
            #if canImport(Darwin)
            let kind = SOCK_STREAM
            #else
            let kind = Int32(SOCK_STREAM.rawValue)
            #endif
            guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { exit(1) }
            #if canImport(Darwin)
            var on: Int32 = 1
            setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
            #endif
            close(ends[1])
            let sent = [UInt8](repeating: 0, count: 8).withUnsafeBytes { SocketIO.send(ends[0], $0) }
            exit(sent == nil ? 7 : 2)
        }
    }

    @Test("A process whose SIGPIPE is deadly survives servers that die while it writes")
    func serverDies() async {
        await #expect(processExitsWith: .exitCode(7)) {
            signal(SIGPIPE, SIG_DFL)
            let server = try RedisTestServer()
            let redis = try connection(server)
            let writers = (0..<4).map { _ in
                Task {
                    while !Task.isCancelled { _ = try? await redis.send(RedisCommand("PING")) }
                }
            }
            for _ in 0..<5 {
                guard await eventually({ await echoes(redis, "up") }) else { exit(1) }
                server.kill()
                try server.restart()
            }
            for writer in writers { writer.cancel() }
            server.stop()
            try FileManager.default.removeItem(atPath: server.folder)
            exit(7)
        }
    }

    @Test("The connection's thread takes no signal")
    func masked() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server) { $0.threadPrefix = "signal-" }
        #expect(await echoes(redis, "up"))
        #if os(Linux)
        let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
        let statuses = tasks.compactMap { try? String(contentsOfFile: "/proc/self/task/\($0)/status", encoding: .utf8) }
        let ours = statuses.filter { $0.contains("signal-redis") }
        #expect(!ours.isEmpty)
        for status in ours {
            let line = status.split(separator: "\n").first { $0.hasPrefix("SigBlk:") } ?? ""
            let blocked = UInt64(line.split(separator: "\t").last ?? "", radix: 16) ?? 0
            #expect(blocked & (1 << UInt64(SIGTERM - 1)) != 0 && blocked & (1 << UInt64(SIGPIPE - 1)) != 0)
        }
        #endif
    }
}
