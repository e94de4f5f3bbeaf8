// SPDX-License-Identifier: Apache-2.0

// From a connection to one that is encrypted, and whose other end is known.
extension ConnectionThread {
    /// Does the handshake if the address wants TLS.
    func secure(
        _ context: inout HiredisContext, _ address: RedisAddress, _ end: Int64
    ) throws(Interruption) {
        guard let settings = address.tls, case .tcp(let host, _) = address.target else { return }
        #if TLS
        let session = try insisting { () throws(TLSFailure) in
            try TLSSession(settings, expecting: settings.expectedName(host), over: context.socket)
        }
        while let events = try insisting({ () throws(TLSFailure) in try session.shakeHands() }) {
            try restBefore(end, context.socket, events, "waiting for the TLS handshake (is it a port for TLS?)")
        }
        context.session = session
        #else
        throw unavailable("TLS was not built in")
        #endif
    }

    /// Advice for a new connection that ends without a word. A tunnel accepts one before it has its own to the server,
    /// and only closes it if it gets none; a server that wants TLS does not understand us.
    var closedHint: String {
        if options.address.tls != nil { return " (does it want a certificate of ours? then ?cert=…&key=…)" }
        if case .unix = options.address.target { return "" }
        return " (if a tunnel listens there, its log says why; a server that wants TLS is rediss://)"
    }

    #if TLS
    private func insisting<Value>(_ body: () throws(TLSFailure) -> Value) throws(Interruption) -> Value {
        do {
            return try body()
        } catch {
            throw unavailable(error.reason)
        }
    }
    #endif
}
