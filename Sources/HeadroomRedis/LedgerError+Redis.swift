// SPDX-License-Identifier: Apache-2.0

import Headroom
import RedisClient

extension LedgerError {
    /// The kinds of the errors that the library's scripts answer with.
    static let scriptKinds: Set<Substring> = ["VERSION", "UNREADABLE", "RIGHTS", "UNSUITED"]

    /// What an error of Redis, or of the connection to it, means for the account.
    init(_ error: RedisError) {
        guard let answer = error.serverError else {
            self.init(error.mayHaveRun ? .lost : .unavailable, error.description, underlying: error)
            return
        }
        let words = String(answer.text.dropFirst(answer.kind.count + 1))
        switch answer.kind {
        case "VERSION": self.init(.unknownVersion, words)
        case "UNREADABLE": self.init(.unreadable, words)
        case "RIGHTS": self.init(missingRights: words.split(separator: " "), error)
        case "UNSUITED": self.init(unsuited: "its scripts have no \(words)", error)
        default:
            if let advice = answer.advice {
                let code: Code = answer.isTemporary ? .unavailable : .lost
                self.init(code, "\(error.description) (\(advice))", underlying: error)
            } else if let lack = answer.lack {
                self.init(unsuited: lack, error)
            } else {
                self.init(error.mayHaveRun ? .lost : .unavailable, error.description, underlying: error)
            }
        }
    }

    /// The same of a command that reads an account's key without a script.
    init(_ error: RedisError, ofKey key: String) {
        guard error.serverError?.kind == "WRONGTYPE" else {
            self.init(error)
            return
        }
        self = .unreadable("the type of \(key)", key, underlying: error)
    }

    /// In the words of `Store.lua`.
    static func unreadable(_ what: String, _ key: String, underlying: (any Error)? = nil) -> LedgerError {
        LedgerError(
            .unreadable, "\(what) is not what this library writes; it was not touched. Delete \(key) to begin anew",
            underlying: underlying)
    }

    /// The account lacks a part. What functions keep in mind, and what no exchange needs, is not missed for a while.
    static func lostPart(of key: String) -> LedgerError {
        LedgerError(
            .unreadable,
            "a part of the account in \(key) is missing or cannot be read. The first exchange that reads it begins the "
                + "account anew, which may be late; delete \(key) to begin anew at once")
    }

    private init(missingRights commands: [Substring], _ error: RedisError) {
        let (names, rights) = (commands.map { $0.uppercased() }, commands.map { "+\($0.lowercased())" })
        self.init(
            .missingRights,
            "the user of Redis may not call \(names.joined(separator: ", ")); give it "
                + "\(rights.joined(separator: " ")), as deploy/users.acl does. Nothing was done", underlying: error)
    }

    private init(unsuited lack: String, _ error: RedisError) {
        self.init(
            .unsuited,
            "this server cannot keep the account: \(lack). The table of servers in ReachingRedis.md names suited ones",
            underlying: error)
    }

    /// Whether the error lasts until somebody does something about it.
    var isLasting: Bool { [.unreadable, .unknownVersion, .missingRights, .unsuited].contains(code) }
}

// What to do about an error with which Redis did not run a script, or stopped it.
extension ServerError {
    /// `nil` if nothing is known.
    fileprivate var advice: String? { Self.advice[kind] ?? (isOfRights ? rightsAdvice : nil) }

    private var isOfRights: Bool { kind == "NOPERM" || isOfCommandInScript }

    private var rightsAdvice: String {
        let all = "deploy/users.acl lists the rights that are needed"
        if let command = missingRight { return "its user lacks the right +\(command.lowercased()); \(all)" }
        // "… to access a key", "… can't access at least one of the keys …"
        let isOfKey = text.contains("access") && text.contains("key")
        return isOfKey ? "its user may not use the account's key; \(all)" : "its user may not do this; \(all)"
    }

    private static let advice: [Substring: String] = [
        "READONLY": "the address leads to a replica; use the master's, redis+sentinel:// or redis+cluster://",
        "MASTERDOWN": "the address leads to a replica that lost its master; use the master's, or redis+sentinel://",
        "LOADING": "it has just been started and reads its data; nothing is to be done",
        "BUSY": "someone's script does not end; SCRIPT KILL or FUNCTION KILL ends it",
        "OOM": "raise its maxmemory, or free memory; the policy has to be noeviction",
        "NOAUTH": "give the address a user and a password",
        "CLUSTERDOWN": "CLUSTER INFO shows what the cluster lacks",
        "TRYAGAIN": "the group's slot is being moved to another node; nothing is to be done",
        "NOREPLICAS": "it writes only with enough replicas; see its min-replicas-to-write",
        "MISCONF": "it cannot save its data; its log says why",
    ]
}

// Servers that are not like Redis where it matters. They have words of their own, of which these are known.
extension ServerError {
    /// What the server lacks. `nil` if the error says nothing of the kind.
    fileprivate var lack: String? {
        if text.contains("undeclared key") { return "its scripts may not use keys as Redis' may" }
        if text.contains("not allowed from script") { return "its scripts may not call \(namedCommand ?? "a command")" }
        if let name = name(behind: ["global variable '", "global '", "field '"], in: text), !name.isEmpty {
            return "its scripts have no \(name)"
        }
        if text.contains(": attempt to ") || text.contains("Error compiling script") {
            return "its Lua does not run the library's scripts as Redis' does"
        }
        let isUnknown = Self.unknownCommand.contains { text.lowercased().contains($0) }
        guard isUnknown else { return nil }
        let command = name(behind: ["command '", "command `", "command: '", "available: '"], in: text.lowercased())
        guard let command, !command.hasPrefix("eval") else { return "it runs no scripts (EVALSHA, EVAL)" }
        // What is no command of ours was garbled on the way.
        return ["hmget", "time"].contains(command) ? "it does not have the command \(command.uppercased())" : nil
    }

    private static let unknownCommand = [
        "unknown command", "unsupported command", "no such command", "command is not available",
        "command is not supported", "command not supported", "command is disabled", "command is not allowed",
    ]

    /// The command at the end of `This Redis command is not allowed from script: time`.
    private var namedCommand: String? {
        let start = text.firstRange(of: "from script: ") ?? text.firstRange(of: "from scripts: ")
        guard let start else { return nil }
        let name = text[start.upperBound...].prefix { $0.isLetter || $0 == "|" }
        return name.isEmpty ? nil : name.uppercased()
    }

    /// What follows one of these, as far as it is a name: of `command '$5'` nothing. `nil` if none of them is there.
    private func name(behind starts: [String], in text: String) -> String? {
        guard let start = starts.lazy.compactMap({ text.firstRange(of: $0) }).first else { return nil }
        return String(text[start.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    }
}
