// SPDX-License-Identifier: Apache-2.0

internal import CHiredis

/// A connected socket with hiredis' reader of replies: owned by one thread, closed and freed exactly once, at its end.
/// What travels is encrypted once it has been given a TLS session.
struct HiredisContext: ~Copyable {
    private let context: UnsafeMutablePointer<redisContext>
    private let maximumReplyBytes: Int
    // Bytes that came since the last whole reply.
    private var unfinishedBytes = 0
    let socket: Int32
    #if TLS
    /// `nil` if what travels is not encrypted.
    var session: TLSSession?
    #endif

    /// The most bytes that one read takes.
    static let readSize = 16_384
    /// The most elements that an array of a reply may have: far more than the slots of a cluster, and than any script
    /// here answers with. Memory for so many (2 MiB) is set aside before they are there.
    private static let maximumElements: Int64 = 1 << 18
    /// The deepest nesting that is followed. hiredis 0.14 itself follows 7.
    private static let maximumDepth = 32

    /// Takes over the socket. `nil`, with the socket closed, if memory is short.
    init?(_ owned: consuming OwnedSocket, maximumReplyBytes: Int) {
        guard let context = Self.open(owned.descriptor) else { return nil }
        socket = owned.release()
        (self.context, self.maximumReplyBytes) = (context, maximumReplyBytes)
    }

    private static func open(_ descriptor: Int32) -> UnsafeMutablePointer<redisContext>? {
        reader_open(descriptor, maximumElements, Int32(maximumDepth))
    }

    deinit {
        endSession()
        reader_close(context)
    }

    /// Reads what has come, about ``readSize`` bytes at most. Returns the number of bytes, 0 if nothing has come yet.
    mutating func read() throws(ReadFailure) -> Int {
        if let count = try readFromSession() { return count }
        let count = reader_read(context)
        guard count >= 0 else {
            if reader_is_end_of_file(context) != 0 { throw .closed("the server closed the connection") }
            throw .closed(String(cString: reader_error(context)))
        }
        unfinishedBytes += count
        return count
    }

    /// Takes in what was read and decrypted elsewhere.
    mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(ReadFailure) {
        guard reader_feed(context, bytes.baseAddress, bytes.count) == 0 else {
            throw .closed("memory is short")
        }
        unfinishedBytes += bytes.count
    }

    /// The next whole reply. `nil` if there is none yet.
    mutating func next() throws(ReadFailure) -> RedisValue? {
        var reply: UnsafeMutablePointer<redisReply>?
        guard reader_next(context, &reply) == REDIS_OK else {
            throw .garbage(whyUnread)
        }
        guard let reply else {
            try checkUnfinished()
            return nil
        }
        defer { freeReplyObject(reply) }
        unfinishedBytes = 0
        return try Self.value(reply, depth: 0)
    }

    private func checkUnfinished() throws(ReadFailure) {
        guard unfinishedBytes <= maximumReplyBytes else {
            throw .garbage("an answer of more than \(maximumReplyBytes) bytes")
        }
        guard reader_depth(context) <= Self.maximumDepth + 1 else { throw Self.tooDeep }
    }

    private var whyUnread: String {
        guard reader_is_exceeded(context) == 0 else {
            return "an array of more than \(Self.maximumElements) elements, or nested deeper than \(Self.maximumDepth)"
        }
        return String(cString: reader_error(context))
    }

    private static let tooDeep = ReadFailure.garbage("an answer nested deeper than \(maximumDepth)")

    private static func value(
        _ reply: UnsafeMutablePointer<redisReply>, depth: Int
    ) throws(ReadFailure) -> RedisValue {
        switch Int(reader_kind(reply)) {
        case REPLY_KIND_NULL: return .null
        case REPLY_KIND_INTEGER: return .integer(Int64(reply.pointee.integer))
        case REPLY_KIND_STATUS: return .status(text(reply))
        case REPLY_KIND_BULK: return .bulk(Array(bytes(reply)))
        case REPLY_KIND_ERROR: return .error(text(reply))
        case REPLY_KIND_ARRAY: return try array(reply, depth: depth + 1)
        default: throw .garbage("an answer of unknown kind \(reply.pointee.type)")
        }
    }

    private static func array(
        _ reply: UnsafeMutablePointer<redisReply>, depth: Int
    ) throws(ReadFailure) -> RedisValue {
        guard depth <= maximumDepth else { throw tooDeep }
        var elements: [RedisValue] = []
        elements.reserveCapacity(reply.pointee.elements)
        for index in 0..<reply.pointee.elements {
            guard let element = reply.pointee.element[index] else { throw .garbage("an array with a hole") }
            elements.append(try value(element, depth: depth))
        }
        return .array(elements)
    }

    private static func bytes(_ reply: UnsafeMutablePointer<redisReply>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: reply.pointee.str, count: reply.pointee.len)
    }

    private static func text(_ reply: UnsafeMutablePointer<redisReply>) -> String {
        String(decoding: bytes(reply), as: UTF8.self)
    }
}

/// The reason for which nothing more can be read.
enum ReadFailure: Error {
    /// The connection ended.
    case closed(String)
    /// What came is no reply.
    case garbage(String)
}

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
