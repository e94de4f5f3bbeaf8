// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import Logging
import RedisClient
import RedisTestServer
import Testing

@Suite("The password of Redis", .serialized, .timeLimit(.minutes(10)))
struct SecretTests {
    private static let secret = "s3cr-t.Kp7"

    /// Uses a ledger until it works, or for a moment; returns all that was said meanwhile.
    private func said(_ address: String, works: Bool) async throws -> [String] {
        let log = LogCollector()
        var said: [String] = []
        let parsed = try RedisAddress(address)
        let ledger = RedisLedger(
            parsed, timeout: works ? .seconds(60) : .milliseconds(200), logger: log.logger("redis"))
        let coordinator = RateCoordinator(
            clientID: "secret", plan: .keapOAuth, ledger: Ledger(ledger), logger: log.logger("coordinator"))
        let events = coordinator.events()
        let run = Task { try await coordinator.run() }
        do {
            let timeout = works ? Timeout.seconds(60) : .milliseconds(600)
            _ = try await coordinator.acquire(timeout: timeout).complete(VendorReading(status: 200))
            #expect(works)
        } catch {
            #expect(!works, "\(error)")
            said += ["\(error)", String(reflecting: error)]
        }
        coordinator.shutdown()
        try await run.value
        for await event in events { said += ["\(event)", String(reflecting: event)] }
        for value: Any in [parsed, ledger, coordinator, coordinator.statistics] {
            var text = ""
            dump(value, to: &text)
            said += [text, String(describing: value), String(reflecting: value)]
        }
        return said + log.lines
    }

    private func expectSilence(_ said: [String]) {
        #expect(!said.isEmpty)
        for text in said where text.contains(Self.secret) { Issue.record("shows the password: \(text.prefix(400))") }
    }

    @Test(
        "It is in no log line, error, event, print or key, whether it is right, wrong, needless or missing its server")
    func real() async throws {
        var options = RedisTestServer.Options()
        options.password = Self.secret
        let server = try RedisTestServer(options)
        let port = server.port ?? 0
        expectSilence(try await said("redis://:\(Self.secret)@127.0.0.1:\(port)", works: true))
        expectSilence([try server.command("EVAL", "return table.concat(redis.call('KEYS', '*'), ' ')", "0")])
        expectSilence(try await said("redis://:\(Self.secret)-wrong@127.0.0.1:\(port)", works: false))
        expectSilence(try await said("redis://nobody:\(Self.secret)@127.0.0.1:\(port)/7", works: false))
        server.kill()
        expectSilence(try await said("redis://:\(Self.secret)@127.0.0.1:\(port)", works: false))
        let open = try RedisTestServer()
        expectSilence(try await said("redis://:\(Self.secret)@127.0.0.1:\(open.port ?? 0)", works: false))
        expectSilence(try await said("redis://:\(Self.secret)@no-such-host.invalid", works: false))
    }

    @Test("A server that repeats what it was sent in its errors does not get it into ours")
    func repeated() async throws {
        let fake = try FakeServer { _, bytes in
            let text = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").joined(separator: " ")
            return Array(String(repeating: "-ERR unknown: \(text)\r\n", count: text.count { $0 == "*" }).utf8)
        }
        expectSilence(try await said("redis://:\(Self.secret)@127.0.0.1:\(fake.port)", works: false))
    }

    @Test("A server that takes the login and then repeats it does not get it into ours")
    func repeatedLater() async throws {
        let fake = try FakeServer { _, bytes in
            let text = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").joined(separator: " ")
            return Array("+OK\r\n".utf8)
                + Array(String(repeating: "-ERR unknown: \(text)\r\n", count: text.count { $0 == "*" } - 1).utf8)
        }
        expectSilence(try await said("redis://:\(Self.secret)@127.0.0.1:\(fake.port)/3", works: false))
    }
}
