// SPDX-License-Identifier: Apache-2.0

import Headroom
import RedisClient

extension LedgerError {
    /// What an error of Redis, or of the connection to it, means for the account.
    init(_ error: RedisError) {
        guard let answer = error.serverError else {
            self.init(error.mayHaveRun ? .lost : .unavailable, error.description, underlying: error)
            return
        }
        if answer.text.hasPrefix("VERSION ") {
            self.init(.unknownVersion, String(answer.text.dropFirst(8)))
        } else if answer.text.hasPrefix("UNREADABLE ") {
            self.init(.unreadable, String(answer.text.dropFirst(11)))
        } else if let advice = answer.advice {
            self.init(answer.isTemporary ? .unavailable : .lost, "\(error.description) (\(advice))", underlying: error)
        } else {
            self.init(error.mayHaveRun ? .lost : .unavailable, error.description, underlying: error)
        }
    }
}

extension ServerError {
    /// What to do about an error with which Redis did not run a script, or stopped it. `nil` if nothing is known.
    fileprivate var advice: String? { Self.advice[kind] ?? (isOfCommandInScript ? Self.rights : nil) }

    private static let rights = "its user may not do this; deploy/users.acl lists the rights that are needed"

    private static let advice: [Substring: String] = [
        "READONLY": "the address leads to a replica; use the master's, redis+sentinel:// or redis+cluster://",
        "MASTERDOWN": "the address leads to a replica that lost its master; use the master's, or redis+sentinel://",
        "LOADING": "it has just been started and reads its data; nothing is to be done",
        "BUSY": "someone's script does not end; SCRIPT KILL or FUNCTION KILL ends it",
        "OOM": "raise its maxmemory, or free memory; the policy has to be noeviction",
        "NOAUTH": "give the address a user and a password",
        "NOPERM": rights,
        "CLUSTERDOWN": "CLUSTER INFO shows what the cluster lacks",
        "TRYAGAIN": "the group's slot is being moved to another node; nothing is to be done",
        "NOREPLICAS": "it writes only with enough replicas; see its min-replicas-to-write",
        "MISCONF": "it cannot save its data; its log says why",
    ]
}
