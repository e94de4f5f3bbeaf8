// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeadroomSupport
import RedisClient
import RedisTestServer
import Testing

@Suite("When Redis fails", .tags(.threads, .memory), .serialized)
struct FailureTests {
    /// How many commands ended how; the sum is the number of commands, as each task returns once.
    private func outcomes(
        _ redis: RedisConnection, _ count: Int, _ command: @escaping @Sendable (Int) -> RedisCommand,
        during body: () async throws -> Void
    ) async rethrows -> [String: Int] {
        let tasks = (0..<count).map { index in
            Task {
                do throws(RedisError) {
                    _ = try await redis.send(command(index))
                    return "answer"
                } catch {
                    return "\(error.code) \(error.mayHaveRun)"
                }
            }
        }
        try await body()
        var ends: [String: Int] = [:]
        for task in tasks { ends[await task.value, default: 0] += 1 }
        return ends
    }

    @Test("Killed with 500 commands in flight, each ends once as lost, and all is well after a restart")
    func killed() async throws {
        let server = try RedisTestServer()
        // It passes everything on, and knows what has been sent.
        let proxy = try FaultProxy(to: server)
        let sent = Counter()
        let redis = try connection(proxy.address)
        #expect(await echoes(redis, "before"))
        proxy.follow { request in
            if request.command == "ECHO" { sent.add() }
            return nil
        }
        server.pause()
        let ends = await outcomes(redis, 500, { RedisCommand("ECHO", "\($0)") }) {
            #expect(await eventually { sent.value == 500 })
            server.kill()
        }
        #expect(ends == ["lost true": 500])
        let refused = await failure { try await redis.send(RedisCommand("PING")) }
        #expect(refused?.code == .unavailable && refused?.mayHaveRun == false)
        try server.restart()
        #expect(await eventually { await echoes(redis, "after") })
    }

    @Test("Killed again and again under load, no command ends twice or never")
    func killedUnderLoad() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        let total = 16
        let right = (0..<total).map { _ in Counter() }
        let workers = (0..<total).map { worker in
            Task {
                var (wrong, round) = (0, 0)
                while !Task.isCancelled {
                    round += 1
                    let text = "\(worker)/\(round)"
                    do {
                        let value = try await redis.send(RedisCommand("ECHO", text))
                        if value == .bulk(Array(text.utf8)) { right[worker].add() } else { wrong += 1 }
                    } catch { await Task.yield() }
                }
                return wrong
            }
        }
        for _ in 0..<5 {
            let before = right.map(\.value)
            #expect(await eventually { zip(before, right.map(\.value)).allSatisfy { $0 < $1 } }, "all are served")
            server.kill()
            try server.restart()
            #expect(await eventually { await echoes(redis, "back") })
        }
        for worker in workers { worker.cancel() }
        for worker in workers { #expect(await worker.value == 0) }
    }

    @Test("Connections killed by the server 200 times leave no descriptor and no thread behind")
    func reconnects() async throws {
        let server = try RedisTestServer()
        let before = Resources.now()
        do {
            let redis = try connection(server) { $0.maximumBackoff = .milliseconds(2) }
            for round in 0..<200 {
                #expect(await eventually { await echoes(redis, "\(round)") })
                try server.command("CLIENT", "KILL", "TYPE", "normal")
            }
            #expect(await eventually { await echoes(redis, "last") })
        }
        #expect(await eventually { Resources.now().connectionThreads <= before.connectionThreads })
        #expect(await eventually { Resources.now().sockets <= before.sockets }, "\(before) \(Resources.now())")
    }

    @Test("Connections that are dropped one after another give back all they had")
    func dropped() async throws {
        let server = try RedisTestServer()
        let before = Resources.now()
        for round in 0..<100 {
            let redis = try connection(server)
            if round % 2 == 0 { #expect(await echoes(redis, "hello")) }
            if round % 3 == 0 { redis.close() }
        }
        #expect(await eventually { Resources.now() <= before }, "\(before) \(Resources.now())")
    }

    @Test("CLIENT KILL under load shifts no answer")
    func clientKill() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        for _ in 0..<20 {
            let ends = try await outcomes(redis, 300, { RedisCommand("ECHO", "\($0)") }) {
                try server.command("CLIENT", "KILL", "TYPE", "normal")
            }
            #expect(ends.keys.allSatisfy { ["answer", "lost true", "unavailable false"].contains($0) }, "\(ends)")
            #expect(await eventually { await echoes(redis, "again") })
        }
    }

    @Test("A server that stands still: commands time out, the connection is given up, and it comes back")
    func paused() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server) {
            $0.maximumSilence = .milliseconds(100)
            $0.connectTimeout = .milliseconds(200)
        }
        #expect(await eventually { await echoes(redis, "before") })
        server.pause()
        let first = await failure { try await redis.send(RedisCommand("PING"), timeout: .milliseconds(150)) }
        #expect(first?.code == .timedOut && first?.mayHaveRun == true)
        // The next connection is taken by the kernel, but nobody answers on it.
        let isGivenUp = await eventually {
            let error = await failure { try await redis.send(RedisCommand("PING"), timeout: .seconds(60)) }
            return error?.code == .unavailable
        }
        #expect(isGivenUp)
        server.resume()
        #expect(await eventually { await echoes(redis, "after") })
    }

    @Test("A connection that goes silent while idle commands wait is dropped without another command")
    func halfOpen() async throws {
        let fake = try FakeServer { connection, bytes in
            let isHandshake = bytes.count == 14
            return isHandshake || connection > 0 ? Array("+PONG\r\n".utf8) : []
        }
        let redis = try connection(fake.address) { $0.maximumSilence = .milliseconds(1_500) }
        #expect(try await redis.send(RedisCommand("PING")) == .status("PONG"))
        let early = await failure {
            try await redis.send(RedisCommand("ECHO", "x"), timeout: .milliseconds(10))
        }
        #expect(early?.code == .timedOut)
        // One that waits longer than the silence: it hears of the loss, not of its own deadline.
        let late = await failure { try await redis.send(RedisCommand("ECHO", "x"), timeout: .seconds(60)) }
        #expect(late?.code == .lost)
        #expect(await eventually { (try? await redis.send(RedisCommand("ECHO", "x"))) == .status("PONG") })
    }

    @Test(
        "What is no answer ends the connection, and the next one serves",
        arguments: ["hello\r\n", "*1\r\n", ":12x\r\n", "$-5\r\n", "+a\r\n+unasked\r\n", "*9999999999999\r\n"])
    func garbage(_ answer: String) async throws {
        // The first command that is no PING of a handshake, whichever connection it comes over: on a slow machine the
        // first connection may have been given up before.
        let isSent = Mutex(false)
        let fake = try FakeServer { _, bytes in
            let isFirst = isSent.withLock { isSent in
                guard !isSent, bytes.count != 14 else { return false }
                isSent = true
                return true
            }
            guard isFirst else { return Array("+PONG\r\n".utf8) }
            return Array(answer.utf8)
                + (answer == "*1\r\n" ? Array(String(repeating: "*1\r\n", count: 5_000).utf8) : [])
        }
        let redis = try connection(fake.address)
        let error = await failure { try await redis.send(RedisCommand("ECHO", "x")) }
        if let error { #expect(error.code == .protocolViolation && error.mayHaveRun, "\(error)") }
        #expect(error != nil || answer.hasPrefix("+a"))
        #expect(await eventually { (try? await redis.send(RedisCommand("ECHO", "x"))) == .status("PONG") })
    }

    @Test("Garbage in the handshake reaches those who wait as an error")
    func garbageAtOnce() async throws {
        let fake = try FakeServer { _, _ in Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8) }
        let redis = try connection(fake.address)
        let error = await failure { try await redis.send(RedisCommand("PING")) }
        #expect(error?.code == .unavailable || error?.code == .protocolViolation)
        #expect(error?.mayHaveRun == false)
    }

    @Test("An answer that grows without end is given up at its bound")
    func endless() async throws {
        let fake = try FakeServer { connection, bytes in
            if connection > 0 || bytes.count == 14 { return Array("+PONG\r\n".utf8) }
            return Array("$100000000\r\n".utf8) + [UInt8](repeating: 65, count: 3_000_000)
        }
        let redis = try connection(fake.address) { $0.maximumReplyBytes = 1_000_000 }
        let error = await failure { try await redis.send(RedisCommand("ECHO", "x")) }
        #expect(error?.code == .protocolViolation)
    }

    @Test("Nobody there, an unknown host, a missing socket file: unavailable, with the reason")
    func nobody() async throws {
        let port = try FreePort.find()
        for (address, reason) in [
            ("127.0.0.1:\(port)", "Connection refused"),
            ("no-such-host.invalid", "cannot find host 'no-such-host.invalid'"),
            ("unix:///tmp/headroom-none.sock", "No such file"),
        ] {
            let redis = try connection(address)
            let error = await failure { try await redis.send(RedisCommand("PING")) }
            #expect(error?.code == .unavailable && error?.mayHaveRun == false)
            #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
        }
    }
}

/// What this process holds, as the system counts it.
struct Resources: CustomStringConvertible {
    let connectionThreads: Int
    let sockets: Int

    static func now() -> Resources {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        let names = threads.map { (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) ?? "" }
        let files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        let targets = files.map {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) ?? ""
        }
        return Resources(
            connectionThreads: names.count { $0.hasPrefix("headroom-") },
            sockets: targets.count { $0.hasPrefix("socket:") || $0.contains("eventfd") })
    }

    static func <= (left: Resources, right: Resources) -> Bool {
        left.connectionThreads <= right.connectionThreads && left.sockets <= right.sockets
    }

    var description: String { "\(connectionThreads) threads, \(sockets) sockets" }
}
