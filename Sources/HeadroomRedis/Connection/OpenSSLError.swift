// SPDX-License-Identifier: Apache-2.0

#if TLS
internal import COpenSSL

/// What OpenSSL says of a failure, in words.
struct OpenSSLError {
    /// OpenSSL's own number of the reason, 0 where it has none.
    let number: Int32
    let reason: String

    /// The first of those that this thread has not heard yet.
    init() {
        let error = ERR_get_error()
        ERR_clear_error()
        let code = headroom_tls_reason(error)
        if headroom_tls_is_of_system(error) != 0 {
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
