// SPDX-License-Identifier: Apache-2.0

/// An error that Redis answered with: a text whose first word, in capitals, says its kind.
///
/// With some kinds Redis says that it ran nothing for now (``isTemporary``). Once a script was let in and its first
/// write is allowed, Redis stops it half-way only at a command that its user may not call (``isOfCommandInScript``).
package struct ServerError: Sendable {
    /// Redis' own words.
    package let text: String

    package init(_ text: String) { self.text = text }

    /// The first word, if others follow it; empty otherwise.
    package var kind: Substring { text.firstIndex(of: " ").map { text[..<$0] } ?? "" }

    /// Whether the command was not run, and may be later, at another server, or by another user.
    package var isTemporary: Bool { Self.temporary.contains(kind) }

    /// Whether a replica answered: the master is elsewhere.
    var isOfReplica: Bool { kind == "READONLY" || kind == "MASTERDOWN" }

    /// Whether another node of a cluster may serve instead.
    var isOfNode: Bool { isOfReplica || kind == "CLUSTERDOWN" || kind == "LOADING" }

    /// Whether the user lacks the right to the command.
    var isOfUser: Bool { kind == "NOPERM" }

    /// Whether a script, under way, came to a command that its user may not call.
    package var isOfCommandInScript: Bool { text.contains("executing the script can't run this command") }

    /// Whether the server does not know the digest of a script.
    var isUnknownScript: Bool { text.hasPrefix("NOSCRIPT") }

    /// Whether the server has no such function.
    var isUnknownFunction: Bool { text.contains("Function not found") }

    /// Whether the server has the library already, because another client was faster.
    var isKnownLibrary: Bool { text.contains("already exists") }

    /// Whether the server has no such library.
    var isUnknownLibrary: Bool { text.contains("Library not found") }

    /// Whether the server has no functions at all, or this user may not use them.
    var forbidsFunctions: Bool {
        text.hasPrefix("NOPERM") || text.hasPrefix("ERR unknown command") || text.hasPrefix("ERR unknown subcommand")
    }

    /// Whether a cluster's node stopped a script because some of its keys have moved to another node.
    var isOfMovedKeys: Bool { text.contains("non local key") }

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
