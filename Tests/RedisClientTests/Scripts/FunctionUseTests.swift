// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport
import RedisTestServer
import Testing

@testable import RedisClient

@Suite("Functions where they can be had, scripts otherwise", .tags(.servers))
struct FunctionUseTests {
    private static let library = RedisFunction.Library(
        prefix: "test", source: "local function answer() return 'function' end", functions: ["answer": "answer"])
    private static let script = RedisScript(
        source: Array("return 'script'".utf8), function: RedisFunction("answer", of: library), errorKinds: ["OWN"])

    private func run(_ redis: RedisConnection) async throws -> RedisValue {
        try await redis.run(Self.script, keys: ["k"], arguments: RedisArguments())
    }

    /// The commands that a fake server got, by their first words.
    private final class Commands: Sendable {
        private let words = Mutex<[String]>([])
        var all: [String] { words.withLock { $0 } }
        func add(_ word: String) { words.withLock { $0.append(word) } }
    }

    /// A server that answers each function with one error, and knows a script once it has seen its text.
    private func fake(_ refusal: String, _ commands: Commands) throws -> FakeServer {
        try FakeServer { words in
            commands.add(words[0])
            switch words[0] {
            case "FCALL": return "-\(refusal)"
            case "EVALSHA": return commands.all.contains("EVAL") ? "+script" : "-NOSCRIPT No matching script."
            default: return "+script"
            }
        }
    }

    @Test(
        "Whatever the wording with which a function is refused, the script runs, and no function is called again",
        arguments: [
            "ERR unknown command `FCALL`, with args beginning with: ", "ERR unknown command 'fcall'",
            "ERR Command is not available: 'FCALL'. See the documents", "unsupported command 'fcall'",
            "NOPERM this user has no permissions to run the 'fcall' command",
            "NOPERM User w has no permissions to run the 'fcall' command", "ERR Function not found",
            "ERR This command is disabled", "-no such command", "WHATEVER comes next",
            "ERR invalid function: OOM or BUSY, who knows",
        ])
    func refused(wording: String) async throws {
        let commands = Commands()
        let server = try fake(wording, commands)
        let redis = try connection(server.address)
        for _ in 0..<3 { #expect(try await run(redis) == .status("script")) }
        #expect(commands.all == ["FCALL", "EVALSHA", "EVAL", "EVALSHA", "EVALSHA"])
    }

    @Test(
        "What passes by itself, is about another node, or comes from the function is thrown, and no script runs",
        arguments: [
            "LOADING Redis is loading the dataset in memory", "BUSY Redis is busy running a script.",
            "READONLY You can't write against a read only replica.",
            "OOM command not allowed when used memory > 'maxmemory'.",
            "CLUSTERDOWN The cluster is down", "TRYAGAIN Multiple keys request during rehashing of slot",
            "MASTERDOWN Link with MASTER is down", "NOREPLICAS Not enough good replicas to write.",
            "MISCONF Redis is configured to save RDB snapshots", "NOAUTH Authentication required.",
            "MOVED 1 127.0.0.1:1", "ASK 1 127.0.0.1:1", "OWN words of the script",
            "ERR user_function:415: attempt to concatenate upvalue 'prefix' (a nil value) script: x",
            "ERR The user executing the script can't run this command or subcommand",
            "ERR ACL failure in script: User w has no permissions to run the 'get' command",
        ])
    func passedOn(wording: String) async throws {
        let commands = Commands()
        let server = try fake(wording, commands)
        let redis = try connection(server.address) { $0.commandTimeout = .seconds(10) }
        let error = await failure { try await run(redis) }
        #expect(error?.message == wording)
        #expect(commands.all == ["FCALL"])
    }

    @Test("A function that is missing is tried again after a minute, one that is refused at the next connection")
    func again() {
        let use = FunctionUse()
        var tried = [use.isTried(on: 1, now: 0)]
        use.wasRefused(on: 1, isMissing: true, now: 5)
        tried += [use.isTried(on: 1, now: 4 + FunctionUse.pause), use.isTried(on: 1, now: 5 + FunctionUse.pause)]
        tried.append(use.isTried(on: 2, now: 5))
        #expect(tried == [true, false, true, true])
        use.wasRefused(on: 2, isMissing: false, now: 5)
        tried = [use.isTried(on: 2, now: .max), use.isTried(on: 3, now: 5)]
        #expect(tried == [false, true])
    }

    @Test("An operator's library is used from the next connection on, and nobody else loads one")
    func loaded() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        #expect(try await run(redis) == .bulk(Array("script".utf8)))
        guard ServerProgram.hasFunctions else { return }
        #expect(try server.command("FUNCTION", "LIST").hasPrefix("*0"))
        #expect(try await connection(server).loadLibrary(Self.library))
        #expect(try await run(redis) == .bulk(Array("script".utf8)))
        #expect(try await run(connection(server)) == .bulk(Array("function".utf8)))
        try server.command("CLIENT", "KILL", "TYPE", "normal")
        #expect(await eventually { (try? await run(redis)) == .bulk(Array("function".utf8)) })
        #expect(try await connection(server).deleteLibrary(named: Self.library.name))
        #expect(try await run(redis) == .bulk(Array("script".utf8)))
    }
}
