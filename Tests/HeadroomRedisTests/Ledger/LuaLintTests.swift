// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import HeadroomRedis
@testable import RedisClient

/// What luacheck finds in the Lua text, by the settings in `.luacheckrc`. It is the text that Redis gets: only there
/// do the files stand in their order, with numbers for constants.
@Suite("The linter finds nothing in Lua", .enabled(if: Luacheck.isExpected))
struct LuaLintTests {
    @Test("The library has no unused, shadowed or undeclared name")
    func library() throws {
        let text = try Self.text(of: LedgerScript.library)
        try #require(text.contains("redis.register_function"))
        // Lines that are generated are as long as their records; those that people write are measured in their files.
        let findings = try Luacheck.findings(in: text, options: ["--no-max-line-length"])
        #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
    }

    @Test("Each script has all that it calls", arguments: ["join", "exchange", "hold"])
    func scripts(name: String) throws {
        let scripts = ["join": LedgerScript.join, "exchange": .exchange, "hold": .hold]
        let source = String(decoding: try #require(scripts[name]).script.source, as: UTF8.self)
        // What other operations use is not used here.
        let findings = try Luacheck.findings(in: source, options: ["--no-unused", "--no-max-line-length"])
        #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
    }

    @Test(
        "The linter's settings let nothing of this kind pass",
        arguments: [
            ("W211", "local function unused() end"), ("W212", "return function(unused) end"),
            ("W111", "undeclared = 1"), ("W113", "return undeclared"), ("W122", "redis.other = 1"),
            ("W411", "local twice = 1\nlocal twice = 2\nreturn twice"),
            ("W431", "local outer = 1\nreturn function(outer) return outer end, outer"),
            ("W631", "return '\(String(repeating: "x", count: 120))'"),
        ])
    func settings(code: String, text: String) throws {
        let findings = try Luacheck.findings(in: text)
        #expect(findings.contains { $0.contains("(\(code))") }, "\(findings)")
    }

    @Test("Each constant is used, whether the text declares it or Swift gives it")
    func constants() throws {
        let folder = Luacheck.root.appending(path: "Sources/HeadroomRedis/Lua")
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".lua") }
        let lines = try files.flatMap { file in
            try String(contentsOf: folder.appending(path: file), encoding: .utf8).split(separator: "\n")
        }
        let code = lines.filter { !$0.drop { $0 == " " }.hasPrefix("--") }
        let declarations = code.filter { $0.contains("<const>") }
        let declared = declarations.flatMap { $0.matches(of: /(\w+) <const>/).map { String($0.output.1) } }
        let used = Set(code.filter { !$0.contains("<const>") }.flatMap { $0.matches(of: /[A-Z]\w+/).map { $0.output } })
        #expect((declared + LuaConstants.all.keys).filter { !used.contains(Substring($0)) }.sorted() == [])
    }

    /// The text that `FUNCTION LOAD` carries, without its first line, which is no Lua.
    private static func text(of library: RedisFunction.Library) throws -> String {
        var bytes: [UInt8] = []
        library.load.encode(into: &bytes)
        let command = String(decoding: bytes, as: UTF8.self)
        let begin = try #require(command.firstRange(of: "#!lua")).lowerBound
        return String(command[begin...].drop { $0 != "\n" }.dropFirst().dropLast())
    }
}

/// The program luacheck.
private enum Luacheck {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Whether it is there, or would be if `Scripts/setup --tests` had run.
    static var isExpected: Bool { path != nil || find("apt-get") != nil }

    private static var path: String? { find("luacheck") }

    private static func find(_ name: String) -> String? {
        let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/usr/local/bin"
        return folders.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// What it finds: the place, what is wrong, and the line.
    static func findings(in text: String, options: [String] = []) throws -> [String] {
        let program = try #require(path, "luacheck is not installed; run Scripts/setup --tests")
        let file = FileManager.default.temporaryDirectory.appending(path: "headroom-\(UUID().uuidString).lua")
        try Data((text + "\n").utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: program)
        process.arguments =
            ["--config", root.appending(path: ".luacheckrc").path, "--no-cache", "--codes", "--formatter", "plain"]
            + options + [file.path]
        process.standardOutput = output
        try process.run()
        let report = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let found = String(decoding: report, as: UTF8.self).split(separator: "\n").map(String.init)
        // 0 and 1 are its answers; anything else is a failure of its own.
        try #require(process.terminationStatus <= (found.isEmpty ? 0 : 2), "\(found)")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return found.map { finding in
            let place = finding.dropFirst(file.path.count + 1)
            guard let number = Int(place.prefix { $0 != ":" }), lines.indices.contains(number - 1) else {
                return finding
            }
            return "\(place): \(lines[number - 1])"
        }
    }
}
