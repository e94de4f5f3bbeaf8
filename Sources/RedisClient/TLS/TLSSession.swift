// SPDX-License-Identifier: Apache-2.0

#if TLS
internal import COpenSSL

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// TLS over a connected socket, as a client that makes sure whom it talks to.
///
/// A session lives on its connection's thread and nowhere else. Signals are blocked there: on another thread, OpenSSL's
/// writes to a broken connection would raise a SIGPIPE.
final class TLSSession {
    private let session: OpaquePointer
    private let settings: TLSSettings
    private let expected: String
    private let buffer: UnsafeMutableRawBufferPointer
    // After a failure OpenSSL must not be asked to say good-bye.
    private var isSound = false

    /// - Parameter expected: the name or IP address that the server's certificate has to be for.
    init(_ settings: TLSSettings, expecting expected: String, over socket: Int32) throws(TLSFailure) {
        // First of all: if this throws, nothing else has to be freed yet.
        session = try Self.session(settings, expected, socket)
        (self.settings, self.expected) = (settings, expected)
        buffer = .allocate(byteCount: HiredisContext.readSize, alignment: 1)
    }

    deinit {
        SSL_free(session)
        buffer.deallocate()
    }

    /// Takes one step of the handshake. Returns what the socket has to be ready for before the next step. `nil` if the
    /// handshake is done, and the server is who it should be.
    func shakeHands() throws(TLSFailure) -> Int16? {
        ERR_clear_error()
        let status = SSL_do_handshake(session)
        switch status == 1 ? SSL_ERROR_NONE : SSL_get_error(session, status) {
        case SSL_ERROR_NONE:
            isSound = true
            return nil
        case SSL_ERROR_WANT_READ: return Int16(POLLIN)
        case SSL_ERROR_WANT_WRITE: return Int16(POLLOUT)
        case let kind:
            let verdict = SSL_get_verify_result(session)
            if verdict != Int(X509_V_OK) { throw TLSFailure(certificate: verdict, expected, settings) }
            throw TLSFailure(handshake: failure(kind))
        }
    }

    /// Reads one record at most; nothing if none is whole yet. The bytes are valid until the next call.
    func read() throws(ReadFailure) -> UnsafeRawBufferPointer {
        ERR_clear_error()
        var count = 0
        let status = SSL_read_ex(session, buffer.baseAddress, buffer.count, &count)
        guard status != 1 else { return UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
        switch SSL_get_error(session, status) {
        // OpenSSL wants to write if the server asked for new keys and the socket is full: that is ready in a moment.
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return UnsafeRawBufferPointer(start: nil, count: 0)
        case let kind: throw .closed(failure(kind).reason)
        }
    }

    /// Whether there are bytes that are in the session already, and in the socket no more.
    var hasMore: Bool { SSL_pending(session) > 0 }

    /// Writes what fits now, as ``SocketIO/send(_:_:)`` does. The bytes that did not fit have to be given again.
    func write(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var written = 0
        while written < bytes.count {
            ERR_clear_error()
            var count = 0
            let status = SSL_write_ex(session, bytes.baseAddress?.advanced(by: written), bytes.count - written, &count)
            written += count
            guard status != 1 else { continue }
            let kind = SSL_get_error(session, status)
            if kind == SSL_ERROR_WANT_WRITE || kind == SSL_ERROR_WANT_READ { break }
            _ = failure(kind)
            if kind != SSL_ERROR_SYSCALL { errno = EPROTO }
            return nil
        }
        return written
    }

    /// Says good-bye, as far as that fits into the socket; before that is closed.
    func end() {
        if isSound { SSL_shutdown(session) }
        isSound = false
    }

    private func failure(_ kind: Int32) -> OpenSSLError {
        let number = errno
        isSound = false
        return OpenSSLError(kind, systemError: number)
    }
}

// From settings to a session.
extension TLSSession {
    /// A session that has not begun. The caller frees it.
    static func session(
        _ settings: TLSSettings, _ expected: String, _ socket: Int32
    ) throws(TLSFailure) -> OpaquePointer {
        let context = try context(settings)
        // The session keeps what it needs of it.
        defer { SSL_CTX_free(context) }
        guard let session = SSL_new(context) else { throw .memory }
        guard tls_expect(session, expected) == 1, SSL_set_fd(session, socket) == 1 else {
            SSL_free(session)
            throw .memory
        }
        SSL_set_connect_state(session)
        return session
    }

    /// Reads the files.
    private static func context(_ settings: TLSSettings) throws(TLSFailure) -> OpaquePointer {
        guard let context = tls_context() else { throw .memory }
        do {
            try trust(settings.authorityFile, context)
            if let certificate = settings.certificateFile, let key = settings.keyFile {
                try present(certificate, key, context)
            }
            return context
        } catch {
            SSL_CTX_free(context)
            throw error
        }
    }

    private static func trust(_ file: String?, _ context: OpaquePointer) throws(TLSFailure) {
        ERR_clear_error()
        guard let file else {
            guard SSL_CTX_set_default_verify_paths(context) == 1 else { throw .memory }
            return
        }
        guard SSL_CTX_load_verify_locations(context, file, nil) == 1 else {
            throw TLSFailure(file: file, "the file of trusted authorities (cacert)")
        }
    }

    private static func present(
        _ certificate: String, _ key: String, _ context: OpaquePointer
    ) throws(TLSFailure) {
        ERR_clear_error()
        guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
            throw TLSFailure(file: certificate, "the file of our own certificate (cert)")
        }
        guard tls_use_key(context, key) == 1 else {
            throw TLSFailure(file: key, "the file of our own certificate's key (key; not encrypted)")
        }
    }
}
#endif
