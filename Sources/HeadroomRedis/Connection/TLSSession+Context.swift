// SPDX-License-Identifier: Apache-2.0

#if TLS
internal import COpenSSL

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
        guard headroom_tls_expect(session, expected) == 1, SSL_set_fd(session, socket) == 1 else {
            SSL_free(session)
            throw .memory
        }
        SSL_set_connect_state(session)
        return session
    }

    /// Reads the files.
    private static func context(_ settings: TLSSettings) throws(TLSFailure) -> OpaquePointer {
        guard let context = headroom_tls_context() else { throw .memory }
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
        guard headroom_tls_use_key(context, key) == 1 else {
            throw TLSFailure(file: key, "the file of our own certificate's key (key; not encrypted)")
        }
    }
}
#endif
