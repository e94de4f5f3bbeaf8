// SPDX-License-Identifier: Apache-2.0

import HeadroomRedis
import RedisClient
import RedisTestServer

/// A Redis with the files of `deploy/`: its settings, and its users with exactly the rights they have there.
enum DeployedRedis {
    /// One for all cases of the contract, each of which has a group of its own.
    static let shared = Result { try start() }

    /// One whose user has the rights for scripts, and none for functions.
    static let withoutFunctions = Result {
        var options = RedisTestServer.Options()
        let rights = "-@all +@write +@read +@connection +time +eval +evalsha"
        options.aclLines = ["user scripts on >secret ~headroom:* \(rights)"]
        options.aclLines.append("user default on nopass ~* +@all")
        return try RedisTestServer(options)
    }

    static func start(_ file: String = #filePath) throws -> RedisTestServer {
        let root = file.split(separator: "/").dropLast(4).joined(separator: "/")
        var options = RedisTestServer.Options()
        options.configFile = "/\(root)/deploy/redis.conf"
        let users = ServerProgram.hasFunctions ? "users.acl" : "users-redis6.acl"
        options.configLines = ["aclfile /\(root)/deploy/\(users)"]
        return try RedisTestServer(options)
    }

    /// Loads the functions as an operator does, unless they are there, or the server has none.
    static func loadFunctions(at server: RedisTestServer) async throws {
        guard ServerProgram.hasFunctions else { return }
        let login = "headroom-operator:change-me-operator"
        let redis = try connection("redis://\(login)@127.0.0.1:\(server.port ?? 0)")
        _ = try await redis.loadLibrary(LedgerScript.library)
    }
}
