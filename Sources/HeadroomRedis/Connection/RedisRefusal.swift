// SPDX-License-Identifier: Apache-2.0

/// An answer with which Redis says that it ran nothing for now, by its first word.
///
/// A script that was let in is not refused half-way, where its first write is allowed, but for a command that its user
/// may not call.
struct RedisRefusal {
    private let word: Substring

    /// Nil where the error is none of these.
    init?(_ error: String) {
        guard let end = error.firstIndex(of: " "), Self.advices[String(error[..<end])] != nil else { return nil }
        word = error[..<end]
    }

    /// Whether a replica answered: the master is elsewhere.
    var isOfReplica: Bool { word == "READONLY" || word == "MASTERDOWN" }

    /// Whether another node of a cluster may serve instead.
    var isOfNode: Bool { isOfReplica || word == "CLUSTERDOWN" || word == "LOADING" }

    /// Whether it is the user that may not do this.
    var isOfUser: Bool { word == "NOPERM" }

    /// Whether a script, under way, came to a command that its user may not call.
    static func isOfCommandInScript(_ error: String) -> Bool {
        error.contains("executing the script can't run this command")
    }

    static let rights = "its user may not do this; deploy/users.acl lists the rights that are needed"

    /// What to do about it.
    var advice: String { Self.advices[String(word)] ?? "" }

    private static let advices = [
        "READONLY": "the address leads to a replica; use the master's, redis+sentinel:// or redis+cluster://",
        "MASTERDOWN": "the address leads to a replica that lost its master; use the master's, or redis+sentinel://",
        "LOADING": "it has just been started and reads its data; nothing is to be done",
        "BUSY": "someone's script does not end; SCRIPT KILL or FUNCTION KILL ends it",
        "OOM": "raise its maxmemory, or free memory; the policy has to be noeviction",
        "NOAUTH": "give the address a user and a password",
        "NOPERM": rights,
        "CLUSTERDOWN": "CLUSTER INFO tells what the cluster misses",
        "TRYAGAIN": "the group's slot is being moved to another node; nothing is to be done",
        "NOREPLICAS": "it writes only with enough replicas; see its min-replicas-to-write",
        "MISCONF": "it cannot save its data; its log tells why",
    ]
}
