// SPDX-License-Identifier: Apache-2.0

import RedisTestServer

/// A Redis behind TLS, and the authority that its certificate is from.
struct SecureRedis {
    let authority: TestAuthority
    let server: RedisTestServer

    /// - Parameter names: what its certificate is for. Default: this machine.
    init(
        _ names: String = "DNS:localhost,IP:127.0.0.1", isExpired: Bool = false,
        _ change: (inout RedisTestServer.Options) -> Void = { _ in }
    ) throws {
        authority = try TestAuthority()
        var options = RedisTestServer.Options()
        options.tls = RedisTestServer.TLS(
            try authority.issue("server", for: names, isExpired: isExpired), from: authority)
        change(&options)
        server = try RedisTestServer(options)
    }

    var port: Int { server.tlsPort ?? 0 }

    /// An address that trusts the authority.
    ///
    /// - Parameter more: further parameters, each with its `&`.
    func address(_ host: String = "127.0.0.1", login: String = "", _ more: String = "") -> String {
        "rediss://\(login)\(host):\(port)?cacert=\(authority.file)\(more)"
    }
}
