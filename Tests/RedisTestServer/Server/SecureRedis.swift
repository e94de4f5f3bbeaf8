// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A Redis behind TLS, and the authority that its certificate is from.
package struct SecureRedis {
    package let authority: TestAuthority
    package let server: RedisTestServer

    /// - Parameters:
    ///   - names: what its certificate is for. Default: this machine.
    ///   - authority: who issues it. Default: a new one.
    package init(
        _ names: String = "DNS:localhost,IP:127.0.0.1", isExpired: Bool = false, of authority: TestAuthority? = nil,
        _ change: (inout RedisTestServer.Options) -> Void = { _ in }
    ) throws {
        let authority = try authority ?? TestAuthority()
        self.authority = authority
        var options = RedisTestServer.Options()
        options.tls = RedisTestServer.TLS(
            try authority.issue("server", for: names, isExpired: isExpired), from: authority)
        change(&options)
        server = try RedisTestServer(options)
    }

    package var port: Int { server.tlsPort ?? 0 }

    /// Puts the certificates of this one in the place of another's.
    package func replaceFiles(of other: SecureRedis) throws {
        for name in ["authority.crt", "server.crt", "server.key"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(authority.folder)/\(name)"))
            try bytes.write(to: URL(fileURLWithPath: "\(other.authority.folder)/\(name)"))
        }
    }

    /// An address that trusts the authority.
    ///
    /// - Parameter more: further parameters, each with its `&`.
    package func address(_ host: String = "127.0.0.1", login: String = "", with more: String = "") -> String {
        "rediss://\(login)\(host):\(port)?cacert=\(authority.file)\(more)"
    }
}
