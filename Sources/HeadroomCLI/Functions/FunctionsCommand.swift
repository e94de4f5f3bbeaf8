// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import HeadroomRedis
import RedisClient

/// `headroom functions`: what an operator does about the library of functions that workers call.
struct FunctionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "functions",
        abstract: "Loads, lists and removes the library of functions that workers call in Redis.",
        discussion: """
            Workers call functions if this version's library is there, and run the same text as scripts otherwise, which takes \
            Redis longer. They never load a library themselves: who may do that may replace every library of the server. \
            It is done by a user with the rights of headroom-operator in deploy/users.acl, once a version, and on every \
            master if the address is a cluster's. Redis keeps libraries over a restart and copies them to replicas.
            """,
        subcommands: [LoadFunctionsCommand.self, ListFunctionsCommand.self, RemoveFunctionsCommand.self])
}

/// `headroom functions load`: puts this version's library into Redis.
struct LoadFunctionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Loads this version's library, unless it is there.",
        discussion: """
            Libraries of other versions stay: workers of several versions can work at the same time.

            Example:
              HEADROOM_REDIS_PASSWORD=… headroom functions load --redis redis://headroom-operator@127.0.0.1

            \(ProgramStatus.functionsHelp)
            """)

    @OptionGroup var redis: RedisOptions

    func run() async throws {
        let library = LedgerScript.library
        for server in try await FunctionServer.all(of: try redis.address()) {
            let isNew = try await server.load(library)
            let size = try await server.size(of: library.name).map { " (\(FunctionServer.text(bytes: $0)))" } ?? ""
            StandardOutput.write("\(server.name): \(isNew ? "loaded" : "has") \(library.name)\(size)\n")
        }
    }
}

/// `headroom functions list`: shows the libraries of Headroom in Redis.
struct ListFunctionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the libraries of all versions of Headroom, each with its text's size.",
        discussion: ProgramStatus.functionsHelp)

    @OptionGroup var redis: RedisOptions

    @Flag(help: "Write one JSON array, and nothing else, to standard output.")
    var json = false

    func run() async throws {
        var rows: [FunctionLibraryReport] = []
        for server in try await FunctionServer.all(of: try redis.address()) {
            for name in try await server.libraries() {
                rows.append(
                    FunctionLibraryReport(
                        server: server.name, library: name, bytes: try await server.size(of: name),
                        isCurrent: name == LedgerScript.library.name))
            }
        }
        StandardOutput.write(json ? try JSONText.pretty(rows) + "\n" : Self.table(rows))
    }

    private static func table(_ rows: [FunctionLibraryReport]) -> String {
        guard !rows.isEmpty else { return "no library of Headroom; 'headroom functions load' loads this version's\n" }
        var table = TextTable(
            [("server", .left), ("library", .left), ("size", .right), ("", .left)],
            paint: .of(terminal: StandardOutput.isTerminal))
        for row in rows {
            let size = row.bytes.map(FunctionServer.text) ?? ""
            table.add([row.server, row.library, size, row.isCurrent ? "this version's" : ""])
        }
        return table.lines().map { $0 + "\n" }.joined()
    }
}

/// `headroom functions remove`: deletes libraries that are no longer of use.
struct RemoveFunctionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Removes the libraries of Headroom's other versions.",
        discussion: """
            Each version leaves about 150 kB of memory. Workers whose library is gone run scripts. Libraries that are not \
            Headroom's are never touched.

            \(ProgramStatus.functionsHelp)
            """)

    @OptionGroup var redis: RedisOptions

    @Flag(help: "Remove this version's library as well.")
    var all = false

    func run() async throws {
        for server in try await FunctionServer.all(of: try redis.address()) {
            let names = try await server.libraries().filter { all || $0 != LedgerScript.library.name }
            for name in names where try await server.delete(name) {
                StandardOutput.write("\(server.name): removed \(name)\n")
            }
            if names.isEmpty { StandardOutput.write("\(server.name): nothing to remove\n") }
        }
    }
}

/// A library as `headroom functions list --json` shows it.
package struct FunctionLibraryReport: Sendable, Codable {
    package let server: String
    package let library: String
    /// The length of its text. `nil` if the server does not say it.
    package let bytes: Int?
    /// Whether it is the library of this version.
    package let isCurrent: Bool
}
