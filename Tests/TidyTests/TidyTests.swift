// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The form of the repository's own text: what a reviewer would otherwise have to say again and again.
@Suite("Tidy")
struct TidyTests {
    private static let repository = Repository()

    @Test("No file is longer than 250 lines, no line longer than 120 columns but for a text in quotes")
    func lengths() {
        for file in Self.repository.code {
            #expect(
                file.lines.count <= 250, "\(file.path) has \(file.lines.count) lines: which part is a file of its own?")
            for (number, line) in file.lines.enumerated() where line.count > 120 {
                if line.contains("\"") || file.isQuoted(number) { continue }
                Issue.record("\(file.path):\(number + 1) has \(line.count) columns")
            }
        }
    }

    @Test("No folder holds more than 16 files of code")
    func folders() {
        let folders = Dictionary(grouping: Self.repository.code) { ($0.path as NSString).deletingLastPathComponent }
        for (folder, files) in folders.sorted(by: { $0.key < $1.key }) {
            #expect(
                files.count <= 16,
                "\(folder) holds \(files.count) files: which of them belong into a room of their own?")
        }
    }

    @Test("Every source file names its license in its first lines")
    func licenses() {
        for file in Self.repository.code {
            let count = file.lines.prefix(4).count { $0.contains("SPDX-License-Identifier: Apache-2.0") }
            #expect(count == 1, "\(file.path) has no line 'SPDX-License-Identifier: Apache-2.0' among its first four")
        }
    }

    @Test("No word stands that the glossary has replaced", arguments: BannedWord.all)
    func words(banned: BannedWord) throws {
        let pattern = try NSRegularExpression(pattern: banned.pattern)
        for file in Self.repository.texts where banned.applies(to: file.path) {
            let text = file.text as NSString
            for match in pattern.matches(in: file.text, range: NSRange(location: 0, length: text.length)) {
                let number = text.substring(to: match.range.location).count { $0 == "\n" } + 1
                let line = text.substring(with: text.lineRange(for: match.range)).trimmingCharacters(
                    in: .whitespacesAndNewlines)
                Issue.record(
                    "\(file.path):\(number) says '\(text.substring(with: match.range))'; \(banned.advice): \(line)")
            }
        }
    }

    @Test("The core imports neither C, nor Foundation, nor an HTTP client")
    func coreImports() throws {
        let allowed: Set<Substring> = [
            "HeadroomSupport", "Logging", "CoreMetrics", "HTTPTypes", "Synchronization", "Darwin", "Glibc", "Musl",
        ]
        let pattern = try Regex(#"^(?:public |package |internal )?import (?:struct |class |enum )?(\w+)"#)
        for file in Self.repository.code where file.isBelow("Sources/Headroom/", "Sources/HeadroomSupport/") {
            for match in file.lines.compactMap({ try? pattern.firstMatch(in: $0) }) {
                let module = match.output[1].substring ?? ""
                #expect(allowed.contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    @Test("The Redis client knows nothing of Headroom")
    func redisClientImports() {
        for file in Self.repository.code where file.isBelow("Sources/RedisClient/") {
            #expect(!file.text.contains("import Headroom\n"), "\(file.path) imports Headroom")
        }
    }

    @Test("Every declaration of the sources is used somewhere")
    func deadDeclarations() throws {
        let pattern = try Regex(
            #"\b(?:func|var|let|struct|class|enum|actor|typealias|protocol|case) `?([A-Za-z_]\w+)`?"#)
        var uses: [Substring: Int] = [:]
        for file in Self.repository.texts {
            for word in file.text.split(whereSeparator: { !$0.isWordCharacter }) { uses[word, default: 0] += 1 }
        }
        for file in Self.repository.code where file.isBelow("Sources/") && file.path.hasSuffix(".swift") {
            for line in file.lines where !line.isComment {
                for match in line.matches(of: pattern) {
                    let name = match.output[1].substring ?? ""
                    let isUsed = uses[name, default: 0] > 1 || Self.calledByOthers.contains(name)
                    #expect(isUsed, "\(file.path) declares '\(name)', which nothing uses")
                }
            }
        }
    }

    /// Declarations that the standard library, a package or the operating system calls.
    private static let calledByOthers: Set<Substring> = [
        "HeadroomCommand", "KeapSimulatorCommand", "SoakProgram", "customMirror", "debugDescription", "handleRequest",
        "makeFrames",
        "SSL_ERROR_SSL", "X509_V_ERR_CERT_HAS_EXPIRED", "X509_V_ERR_HOSTNAME_MISMATCH",
    ]

    @Test("Files and tests that documents name exist")
    func namesInDocuments() throws {
        let path = try Regex(#"`((?:Sources|Tests|Scripts|Examples|deploy)/[\w+./-]+)`"#)
        let suite = try Regex(#"`(\w+Tests)`"#)
        let files = Set(Self.repository.texts.map(\.path))
        let names = Set(Self.repository.texts.map { ($0.path as NSString).lastPathComponent })
        for document in Self.repository.texts where document.path.hasSuffix(".md") {
            for match in document.text.matches(of: path) {
                let named = String(match.output[1].substring ?? "")
                let exists = files.contains(named) || Self.repository.exists(named)
                #expect(exists, "\(document.path) names '\(named)', which does not exist")
            }
            for match in document.text.matches(of: suite) {
                let named = String(match.output[1].substring ?? "")
                let exists = names.contains("\(named).swift") || Self.repository.exists("Tests/\(named)")
                #expect(exists, "\(document.path) names the tests '\(named)', which do not exist")
            }
        }
    }
}

/// A word that had several meanings, or an odd one, and what stands in its place.
struct BannedWord: Sendable, CustomTestStringConvertible {
    let word: String
    let pattern: String
    let advice: String
    /// Where the word may stand: it has its plain meaning there.
    var except: [String] = []

    var testDescription: String { word }

    func applies(to path: String) -> Bool {
        !path.hasPrefix("Tests/TidyTests/") && path != "CHANGELOG.md" && !except.contains { path.hasPrefix($0) }
    }

    /// A port that nobody listens on and a wrong password are refused, in everybody's words.
    private static let socketsAndLogins = [
        "Sources/RedisClient/", "Tests/RedisClientTests/", "Tests/RedisTestServer/", "Scripts/check-deploy", "deploy/",
    ]

    static let all = [
        // "recalled:" is part of a key in Redis.
        BannedWord(
            word: "told, tell, untold, recalled",
            pattern: #"\b(un)?told\b|\b[tT]ell(s|ing|ings)?\b|[a-z]Told\b|\btells[A-Z]|\brecall(s|ed)?\b(?!:)"#,
            advice: "say reported, report, unreported, backfill"),
        BannedWord(
            word: "alone, together",
            pattern: #"(working|grantedA|isA|serveA|settleA|next)lone|[wW]orkingTogether|WithoutLedger|withoutLedger"#,
            advice: "say fallback, or LedgerOutagePolicy"),
        BannedWord(
            word: "silent, absent, quiet, reap", pattern: #"(?i)\bsilent\b|\babsent\b|\breap|isQuiet|\bquiet\b"#,
            advice: "say suspect, departed, suspectAfter, expireInstances",
            except: [
                "Sources/KeapSimulator", "Tests/KeapSimulatorTests/", "Tests/HeadroomURLSessionTests/",
                "Tests/PublicInterface.txt",
                "Sources/RedisClient/", "Sources/HeadroomRedis/RedisLedger.swift", "Tests/RedisClientTests/",
            ]),
        BannedWord(
            word: "held", pattern: #"\b[hH]eld\b(?! (up|against))|heldFor|heldUntil|\bisHeld\b|HeldPermits"#,
            advice: "say leased, on hold, paused, or an instance's permits"),
        BannedWord(
            word: "throttled", pattern: #"\b[tT]hrottl(ed|ing|es)\b(?!\")|isThrottled|ThrottleClassifier|\bThrottle\("#,
            advice: "a 429 is a rejection; throttle is only the name of a limit"),
        BannedWord(
            word: "refuse", pattern: #"(?i)refus(e|al|ing)"#,
            advice: "the vendor rejects, a caller's wait fails, Redis answers with a server error",
            except: socketsAndLogins),
        BannedWord(word: "ticket", pattern: #"(?i)ticket"#, advice: "say Waiter, CommandHandle, startTag"),
        BannedWord(
            word: "claim, visit", pattern: #"\b[cC]laim\b|\b[vV]isit\b|TurnOrder"#,
            advice: "say Entitlement, ExchangeProgress, FairQueue"),
        BannedWord(
            word: "box, handed, sane, withWhole",
            pattern: #"SettlementBox|\b[hH]anded\b(?! (out|over|to|back|in))|\bsane\b|withWhole|\bbox\b"#,
            advice: "say Outbox, LeaseRecord, clamped, withStripesCollected"),
        BannedWord(
            word: "haste, plenty, earliness, widest", pattern: #"(?i)\bhaste\b|\bplenty\b|\bearliness\b|\bwidest\b"#,
            advice: "say turnSpacingPerMille, uncontendedPerMille, earlyTurn, slotSpacingMaximum"),
        BannedWord(
            word: "reckon, the lower first, a zero behind", pattern: #"(?i)\breckon|the lower first|(a )?zero behind"#,
            advice: "say compute, little-endian, NUL-terminated"),
    ]
}

/// The files of the repository that people write.
struct Repository: Sendable {
    struct File: Sendable {
        let path: String
        let text: String
        let lines: [Substring]

        /// Whether a line is part of a text in quotes of several lines.
        func isQuoted(_ number: Int) -> Bool {
            lines[..<number].count { $0.contains("\"\"\"") } % 2 == 1
        }

        func isBelow(_ folders: String...) -> Bool { folders.contains { path.hasPrefix($0) } }
    }

    let texts: [File]
    private let root: URL

    /// Swift, Lua and C, by which the measures of length go.
    var code: [File] {
        texts.filter { file in [".swift", ".lua", ".c", ".h"].contains { file.path.hasSuffix($0) } }
    }

    init() {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        self.root = root
        let tops = ["Package.swift", "Sources", "Tests", "Scripts", "Examples", "deploy"]
        var paths = tops + ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
        for top in tops {
            let below = FileManager.default.enumerator(atPath: root.appendingPathComponent(top).path)
            for case let path as String in below ?? .init() where !path.contains(".build") {
                paths.append("\(top)/\(path)")
            }
        }
        texts = paths.compactMap { path in
            guard let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) else {
                return nil
            }
            return File(path: path, text: text, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }
}

extension Character {
    fileprivate var isWordCharacter: Bool { isASCII && (isLetter || isNumber || self == "_") }
}

extension Substring {
    fileprivate var isComment: Bool { drop { $0 == " " }.hasPrefix("//") }
}
