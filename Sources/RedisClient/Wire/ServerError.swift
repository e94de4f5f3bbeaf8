// SPDX-License-Identifier: Apache-2.0

/// An error that Redis answered with: a text whose first word, in capitals, says its kind.
///
/// With some kinds Redis says that it ran nothing for now (``isTemporary``). Once a script was let in and its first
/// write is allowed, Redis stops it half-way only at a command that its user may not call (``isOfCommandInScript``).
/// Redis 6 finds some of these reasons only at a script's first write, and says so behind the place in the script:
/// `ERR Error running script (…): @user_script:1: @user_script: 1: -OOM command not allowed …`.
package struct ServerError: Sendable {
    /// Redis' own words.
    package let text: String

    package init(_ text: String) { self.text = text }

    /// The first word, if others follow it, or the one behind the place in a script; empty otherwise.
    package var kind: Substring {
        for place in text.ranges(of: ": -") {
            let word = text[place.upperBound...].prefix { $0 != " " }
            if Self.temporary.contains(word) { return word }
        }
        return text.firstIndex(of: " ").map { text[..<$0] } ?? ""
    }

    /// Whether the command was not run, and may be later, at another server, or by another user.
    package var isTemporary: Bool { Self.temporary.contains(kind) }

    /// Whether a replica answered: the master is elsewhere.
    var isOfReplica: Bool { kind == "READONLY" || kind == "MASTERDOWN" }

    /// Whether a master answered that its replicas have left: they may follow another one.
    var isOfLeftMaster: Bool { kind == "NOREPLICAS" }

    /// Whether another node of a cluster may serve instead.
    var isOfNode: Bool { isOfReplica || kind == "CLUSTERDOWN" || kind == "LOADING" }

    /// Whether the user lacks the right to the command.
    var isOfUser: Bool { kind == "NOPERM" }

    /// Whether a script, under way, came to a command that its user may not call, or to a key that it may not touch.
    package var isOfCommandInScript: Bool {
        // Redis to 7.0; Redis from 7.2, and Valkey.
        text.contains("executing the script can't") || text.contains("ACL failure in script")
    }

    /// The command that the user may not call. `nil` if the error is about something else, or does not name it.
    package var missingRight: String? {
        guard isOfUser || isOfCommandInScript, let start = text.firstRange(of: " to run the '") else { return nil }
        let name = text[start.upperBound...].prefix { $0 != "'" }
        return name.isEmpty || name.contains(where: \.isWhitespace) ? nil : String(name)
    }

    /// Whether the server does not know the digest of a script.
    var isUnknownScript: Bool { text.hasPrefix("NOSCRIPT") }

    /// Whether the server has no such function.
    var isUnknownFunction: Bool { text.contains("Function not found") }

    /// Whether the server has the library already, because another client was faster.
    var isKnownLibrary: Bool { text.contains("already exists") }

    /// Whether the server has no such library.
    var isUnknownLibrary: Bool { text.contains("Library not found") }

    /// Whether a function was not run, for a reason that does not pass by itself: the same as a script may run.
    ///
    /// Servers without functions, or without this one, say so in many ways. So every error is one of these, but for
    /// those that are known: that nothing is run for now, that the key is elsewhere, and what the function itself
    /// raised.
    ///
    /// - Parameter ownKinds: The kinds of the errors that the function answers with.
    func refusesFunction(ownKinds: Set<Substring>) -> Bool {
        let kind = kind
        if isOfCommandInScript || text.contains("user_function") { return false }
        let isKnown = isTemporary || ["MOVED", "ASK"].contains(kind) || ownKinds.contains(kind)
        return isOfUser || !isKnown
    }

    /// The kind, as far as it may be shown of an error that answers a login or follows one.
    ///
    /// The rest of such a text may repeat what the server was sent, and a password may stand in the place of the kind.
    var shownKind: String {
        let word = text.prefix { $0 != " " }
        return Self.known.contains(word) ? String(word) : "no reason that Redis gives"
    }

    private static let temporary: Set<Substring> = [
        "READONLY", "MASTERDOWN", "LOADING", "BUSY", "OOM", "NOAUTH", "NOPERM", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS",
        "MISCONF",
    ]

    private static let known: Set<Substring> = temporary.union([
        "ERR", "WRONGPASS", "NOPROTO", "DENIED", "IDONTKNOW", "NOGOODSLAVE", "INPROG",
    ])
}
