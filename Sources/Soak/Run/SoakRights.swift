// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The users of a soak's Redis: the workers' has exactly the rights that `deploy/users.acl` gives it, the soak's own
/// has all.
enum SoakRights {
    static let user = "headroom-worker"
    /// The user in an address. Any password will do where a user has none.
    static let login = "\(user):none"
    /// The commands that scripts cannot do without, those that run them included.
    static let needed = ["eval", "evalsha", "time", "hmget", "hset", "hdel", "pexpire"]

    /// The lines of an ACL file.
    static func lines(_ file: String = #filePath) throws -> [String] {
        let root = "/" + file.split(separator: "/").dropLast(4).joined(separator: "/")
        let deployed = try String(contentsOfFile: root + "/deploy/users.acl", encoding: .utf8).split(separator: "\n")
        guard let worker = deployed.first(where: { $0.hasPrefix("user \(user) ") }) else {
            throw SoakFailure("deploy/users.acl has no user \(user)")
        }
        let words = worker.split(separator: " ").map { $0.hasPrefix(">") ? "nopass" : $0 }
        return ["user default on nopass ~* &* +@all", words.joined(separator: " ")]
    }
}
