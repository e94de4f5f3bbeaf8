// SPDX-License-Identifier: Apache-2.0

/// A redirection: the answer of a cluster's node that sends the command elsewhere. The command was not run.
struct Redirection: Sendable, Equatable {
    enum Kind: Sendable {
        /// The slot is served there from now on.
        case moved
        /// The slot is on its way: this command there, once, and the next one here again.
        case ask
    }

    let kind: Kind
    let slot: HashSlot
    let target: RedisEndpoint

    /// Reads `MOVED 3999 127.0.0.1:6381`. `nil` if the error is no redirection, or names no server.
    ///
    /// - Parameter host: where the answer came from; a node that names a port only means itself.
    init?(_ error: String, from host: String) {
        let words = error.split(separator: " ")
        guard words.count >= 3, let slot = Int(words[1]).flatMap(HashSlot.init) else { return nil }
        switch words[0] {
        case "MOVED": kind = .moved
        case "ASK": kind = .ask
        default: return nil
        }
        guard let colon = words[2].lastIndex(of: ":") else { return nil }
        let (named, port) = (words[2][..<colon], Int(words[2][words[2].index(after: colon)...]))
        guard let target = RedisEndpoint(named: named.isEmpty ? host : String(named), port: port) else { return nil }
        (self.slot, self.target) = (slot, target)
    }
}
