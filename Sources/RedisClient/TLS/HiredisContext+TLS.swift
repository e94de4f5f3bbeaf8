// SPDX-License-Identifier: Apache-2.0

// The way to and from the socket: straight, or through a session that encrypts.
extension HiredisContext {
    /// The socket, if callers may write their commands to it as they are; -1 otherwise.
    var plainSocket: Int32 {
        #if TLS
        session == nil ? socket : -1
        #else
        socket
        #endif
    }

    /// Writes what fits now, without a SIGPIPE. Returns the number of bytes, 0 if the socket is full. `nil` if the
    /// connection is broken.
    func send(_ bytes: UnsafeRawBufferPointer) -> Int? {
        #if TLS
        if let session { return session.write(bytes) }
        #endif
        return SocketIO.send(socket, bytes)
    }

    /// Reads what the session has, one record as a rule. Returns the number of bytes, 0 if no record is whole yet.
    /// `nil` if there is no session.
    mutating func readFromSession() throws(ReadFailure) -> Int? {
        #if TLS
        guard let session else { return nil }
        var count = 0
        repeat {
            let bytes = try session.read()
            try feed(bytes)
            count += bytes.count
        } while session.hasMore
        return count
        #else
        return nil
        #endif
    }

    /// Says good-bye, while the socket's number is still this connection's.
    func endSession() {
        #if TLS
        session?.end()
        #endif
    }
}
