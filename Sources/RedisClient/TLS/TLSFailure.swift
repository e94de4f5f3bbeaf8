// SPDX-License-Identifier: Apache-2.0

#if TLS
internal import COpenSSL

/// Why there is no encrypted connection, and what to do about it.
struct TLSFailure: Error {
    let reason: String

    private init(_ reason: String) { self.reason = reason }

    static var memory: TLSFailure { TLSFailure("OpenSSL: \(OpenSSLError().reason)") }

    /// A file of the settings that cannot be used.
    init(file: String, _ what: String) {
        self.init("\(what) '\(file)' cannot be used: \(OpenSSLError().reason)")
    }

    /// The server's certificate was not accepted, for a reason of OpenSSL's verification.
    init(certificate verdict: Int, _ expected: String, _ settings: TLSSettings) {
        let words = X509_verify_cert_error_string(verdict).map { String(cString: $0) } ?? "error \(verdict)"
        switch Int32(verdict) {
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            self.init(
                "its certificate is not one for '\(expected)' (\(words)); if it is the right server all the same, "
                    + "give the address ?server-name=… with a name that its certificate has")
        case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID:
            self.init("its certificate cannot be used now: \(words)")
        default:
            let named = settings.authorityFile.map { "in '\($0)'" }
            let trusted = named ?? "the system's; the address names others with ?cacert=…"
            self.init("its certificate is not trusted: \(words) (the trusted authorities are \(trusted))")
        }
    }

    /// The handshake failed for another reason.
    init(handshake error: OpenSSLError) {
        let speaksPlainly = error.number == SSL_R_WRONG_VERSION_NUMBER
        self.init(
            speaksPlainly
                ? "it does not answer in TLS (\(error.reason)); without TLS the address is redis://"
                : "the TLS handshake failed: \(error.reason)")
    }
}

/// A failure of OpenSSL, in words.
struct OpenSSLError {
    /// OpenSSL's own number of the reason; 0 if it has none.
    let number: Int32
    let reason: String

    /// The first error in the queue that OpenSSL keeps for this thread; the queue is empty afterwards.
    init() {
        let error = ERR_get_error()
        ERR_clear_error()
        let code = tls_reason(error)
        if tls_is_of_system(error) != 0 {
            (number, reason) = (0, SocketIO.describe(code))
        } else {
            let words = ERR_reason_error_string(error).map { String(cString: $0) }
            (number, reason) = (code, words ?? "OpenSSL gives no reason")
        }
    }

    /// - Parameter kind: what `SSL_get_error` said.
    init(_ kind: Int32, systemError: Int32) {
        switch kind {
        case SSL_ERROR_SSL:
            let error = OpenSSLError()
            (number, reason) = (error.number, error.isEnd ? Self.closed : "TLS: \(error.reason)")
        case SSL_ERROR_SYSCALL where systemError != 0: (number, reason) = (0, SocketIO.describe(systemError))
        default: (number, reason) = (0, Self.closed)
        }
    }

    private static let closed = "the server closed the connection"

    // OpenSSL 3 has a reason of its own for a connection that ends without a good-bye; before, it was no error of its.
    private var isEnd: Bool { reason.contains("unexpected eof") }
}
#endif
