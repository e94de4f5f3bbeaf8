// SPDX-License-Identifier: Apache-2.0

import RedisClient
import RedisTestServer
import Testing

@Suite("Libraries of functions", .tags(.servers), .enabled(if: ServerProgram.hasFunctions))
struct FunctionLibrariesTests {
    private static func library(_ number: Int) -> RedisFunction.Library {
        RedisFunction.Library(
            prefix: "test", source: "local function answer() return \(number) end", functions: ["answer": "answer"])
    }

    @Test("A library is loaded once, named among those with its prefix, and deleted once")
    func loadedListedDeleted() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        let (first, second) = (Self.library(1), Self.library(2))
        #expect(try await redis.libraryNames(prefix: "test") == [])
        #expect(try await redis.loadLibrary(first))
        #expect(try await !redis.loadLibrary(first))
        #expect(try await redis.loadLibrary(second))
        let other = RedisFunction.Library(
            prefix: "other", source: "local function answer() return 3 end", functions: ["answer": "answer"])
        #expect(try await redis.loadLibrary(other))
        #expect(try await redis.libraryNames(prefix: "test_") == [first.name, second.name].sorted())
        #expect(try await redis.send(RedisCommand("FCALL", "\(second.name)_answer", "0")) == .integer(2))
        #expect(try await redis.deleteLibrary(named: first.name))
        #expect(try await !redis.deleteLibrary(named: first.name))
        #expect(try await redis.libraryNames(prefix: "") == [other.name, second.name].sorted())
        #expect(try server.command("FUNCTION", "LIST").hasPrefix("*2"))
    }

    @Test("An error that is about the user, not about the library, is passed on")
    func forbidden() async throws {
        let server = try RedisTestServer()
        try server.command("ACL", "SETUSER", "default", "-function")
        let redis = try connection(server)
        for operation in [
            { () async throws in _ = try await redis.loadLibrary(Self.library(1)) },
            { () async throws in _ = try await redis.libraryNames(prefix: "test") },
            { () async throws in _ = try await redis.deleteLibrary(named: "test") },
        ] {
            let error = await failure {
                try await operation()
                return .null
            }
            #expect(error?.serverError?.kind == "NOPERM", "\(String(describing: error))")
        }
    }
}
