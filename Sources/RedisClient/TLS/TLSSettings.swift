// SPDX-License-Identifier: Apache-2.0

/// The settings of TLS: how a server is recognized, and how it recognizes us. Files are PEM, and read anew for every
/// connection, so that a renewed certificate needs no restart.
package struct TLSSettings: Sendable, Hashable {
    /// The authorities whose certificates are trusted. Default: the system's.
    package var authorityFile: String?
    /// Our own certificate with what leads to its authority, if the server wants one. Default: none.
    package var certificateFile: String?
    /// The certificate's key, not encrypted.
    package var keyFile: String?
    /// The name or IP address that the server's certificate has to be for. Default: the host connected to.
    package var serverName: String?

    package init(
        authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, serverName: String? = nil
    ) {
        (self.authorityFile, self.certificateFile) = (authorityFile, certificateFile)
        (self.keyFile, self.serverName) = (keyFile, serverName)
    }

    /// Whether this library was built with TLS.
    package static var isBuiltIn: Bool {
        #if TLS
        true
        #else
        false
        #endif
    }

    /// The name that a certificate has to be for, if that host is connected to.
    func expectedName(_ host: String) -> String {
        // An IPv6 address' zone (fe80::1%eth0) is this machine's business.
        serverName ?? String(host.prefix { $0 != "%" })
    }

    /// The settings as parameters of an address, in their order.
    package var parameters: [(name: String, value: String)] {
        [("cacert", authorityFile), ("cert", certificateFile), ("key", keyFile), ("server-name", serverName)]
            .compactMap { name, value in value.map { (name, $0) } }
    }
}
