// SPDX-License-Identifier: Apache-2.0

/// The word in capitals that Redis' errors begin with.
///
/// All that is shown of an error that a server answers to a login, or right after it: the rest may repeat what the
/// server was sent.
enum ErrorPrefix {
    private static let known: Set<Substring> = [
        "ERR", "NOAUTH", "WRONGPASS", "NOPERM", "NOPROTO", "DENIED", "LOADING", "MASTERDOWN", "READONLY", "MISCONF",
        "BUSY", "OOM", "CLUSTERDOWN", "NOREPLICAS", "TRYAGAIN", "IDONTKNOW", "NOGOODSLAVE", "INPROG",
    ]

    /// The word, where it is one that Redis uses; a password may stand in its place.
    static func of(_ error: String) -> String {
        let word = error.prefix { $0 != " " }
        return known.contains(word) ? String(word) : "no reason that Redis gives"
    }
}
