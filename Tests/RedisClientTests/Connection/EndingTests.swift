// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport
import RedisClient
import RedisTestServer
import Testing

@Suite("How commands end before their answer", .tags(.threads, .memory))
struct EndingTests {
    @Test("Thousands of cancellations hurt no neighbour")
    func cancellations() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        await withTaskGroup(of: String.self) { group in
            for index in 0..<6_000 {
                group.addTask {
                    let task = Task { try await redis.send(RedisCommand("ECHO", "\(index)")) }
                    if index % 3 != 0 {
                        if index % 2 == 0 { await Task.yield() }
                        task.cancel()
                    }
                    switch await task.result {
                    case .success(let value): return value == .bulk(Array("\(index)".utf8)) ? "right" : "wrong"
                    case .failure(let error):
                        return (error as? RedisError)?.code == .cancelled && index % 3 != 0 ? "cancelled" : "\(error)"
                    }
                }
            }
            var ends: [String: Int] = [:]
            for await end in group { ends[end, default: 0] += 1 }
            #expect(ends["right", default: 0] >= 2_000)
            #expect(ends["right", default: 0] + ends["cancelled", default: 0] == 6_000, "\(ends)")
        }
        #expect(await echoes(redis, "after"))
    }

    @Test("A task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        #expect(await echoes(redis, "connected"))
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await failure { try await redis.send(RedisCommand("INCR", "n")) }
        }
        task.cancel()
        let error = await task.value
        #expect(error?.code == .cancelled && error?.mayHaveRun == false)
        #expect(try await redis.send(RedisCommand("EXISTS", "n")) == .integer(0))
    }

    @Test("A deadline ends one command; its late answer goes to nobody else")
    func deadline() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        #expect(await echoes(redis, "connected"))
        server.pause()
        async let late = failure { try await redis.send(RedisCommand("ECHO", "late"), timeout: .milliseconds(30)) }
        async let patient = redis.send(RedisCommand("ECHO", "patient"))
        let error = await late
        #expect(error?.code == .timedOut)
        server.resume()
        #expect(try await patient == .bulk(Array("patient".utf8)))
    }

    @Test("A timeout that is not above zero sends nothing")
    func noTime() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        let error = await failure { try await redis.send(RedisCommand("INCR", "n"), timeout: .zero) }
        #expect(error?.code == .timedOut && error?.mayHaveRun == false)
        #expect(try await redis.send(RedisCommand("EXISTS", "n")) == .integer(0))
    }

    @Test("A command that timed out before there was a connection is not carried out later")
    func notCarriedOutLater() async throws {
        let server = try RedisTestServer()
        server.pause()
        let redis = try connection(server) { $0.connectTimeout = .seconds(30) }
        let error = await failure { try await redis.send(RedisCommand("INCR", "n"), timeout: .milliseconds(30)) }
        #expect(error?.code == .timedOut && error?.mayHaveRun == false)
        server.resume()
        #expect(try await redis.send(RedisCommand("EXISTS", "n")) == .integer(0))
    }

    @Test("A full queue takes no more, and says so at once; those in it are served")
    func full() async throws {
        let server = try RedisTestServer()
        server.pause()
        let redis = try connection(server) {
            $0.maximumQueued = 10
            $0.commandTimeout = .seconds(60)
            $0.connectTimeout = .seconds(30)
        }
        let ended = Counter()
        let tasks = (0..<30).map { index in
            Task {
                defer { ended.add() }
                return try await redis.send(RedisCommand("ECHO", "\(index)"))
            }
        }
        // At once: the server stands still, so that nobody can have been answered.
        #expect(await eventually { ended.value == 20 })
        server.resume()
        var (answered, refused) = (0, 0)
        for (index, task) in tasks.enumerated() {
            switch await task.result {
            case .success(let value):
                #expect(value == .bulk(Array("\(index)".utf8)))
                answered += 1
            case .failure(let error):
                #expect((error as? RedisError)?.code == .queueFull)
                #expect((error as? RedisError)?.mayHaveRun == false)
                refused += 1
            }
        }
        #expect(answered == 10 && refused == 20)
    }

    @Test("Closing ends what waits, and all that comes")
    func closing() async throws {
        let isAsked = Mutex(false)
        let fake = try FakeServer { _, bytes in
            let isHandshake = bytes.count == 14
            if !isHandshake { isAsked.withLock { $0 = true } }
            return isHandshake ? Array("+PONG\r\n".utf8) : []
        }
        let redis = try connection(fake.address)
        let waiting = Task { await failure { try await redis.send(RedisCommand("ECHO", "x")) } }
        #expect(await eventually { isAsked.withLock { $0 } })
        redis.close()
        redis.close()
        let waited = await waiting.value
        #expect(waited?.code == .closed)
        let later = await failure { try await redis.send(RedisCommand("PING")) }
        #expect(later?.code == .closed)
    }

    @Test("A command keeps its connection alive until it has ended")
    func keepsAlive() async throws {
        let server = try RedisTestServer()
        let value = try await connection(server).send(RedisCommand("PING"))
        #expect(value == .status("PONG"))
    }
}
