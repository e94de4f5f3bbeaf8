// SPDX-License-Identifier: Apache-2.0

/// What a ``FaultProxy`` does to one request and its reply.
public enum ProxyFault: Sendable, Hashable {
    /// Ends the connection without having passed the request on: the script does not run.
    case cutBefore
    /// Ends the connection when the whole reply is there, without a byte of it: the script has run.
    case cutAfter
    /// Ends the connection after the first bytes of the reply.
    case cutWithin(bytes: Int)
    /// Keeps the request back for a time; what follows on the connection waits behind it.
    case delayRequest(milliseconds: Int)
    /// Keeps the reply back for a time.
    case delayReply(milliseconds: Int)
    /// Passes nothing on any more, in neither direction, and keeps the connection: the script does not run.
    case blackHoleBefore
    /// Passes the request on, and then nothing any more: the script has run.
    case blackHoleAfter
    /// Passes the request on twice, and both replies.
    case duplicateRequest
    /// Passes the reply on twice, the second time after a while.
    case duplicateReply(afterMilliseconds: Int)
    /// Leaves bytes out of the request.
    case dropFromRequest(at: Int, count: Int)
    /// Leaves bytes out of the reply.
    case dropFromReply(at: Int, count: Int)
    /// Puts other bytes in the place of the reply.
    case replaceReply([UInt8])

    /// What is sent on of a request.
    func outgoing(_ request: [UInt8]) -> [UInt8] {
        switch self {
        case .duplicateRequest: request + request
        case .dropFromRequest(let position, let count): Self.dropping(request, position, count)
        default: request
        }
    }

    static func dropping(_ bytes: [UInt8], _ position: Int, _ count: Int) -> [UInt8] {
        let from = min(max(0, position), bytes.count)
        return Array(bytes[..<from] + bytes[from...].dropFirst(count))
    }
}

/// A request on its way through a ``FaultProxy``.
public struct ProxiedRequest: Sendable {
    /// The command in capitals, such as `EVALSHA`.
    public let command: String
    /// Which of the proxy's connections it came over, from 0.
    public let connection: Int
    /// Counts the calls of scripts since the rule was set, over all connections, from 1; 0 for other commands.
    public let scriptNumber: Int
    /// All of it, as it came.
    public let bytes: [UInt8]

    init(_ bytes: [UInt8], connection: Int, scriptNumber: Int) {
        (self.bytes, self.connection, self.scriptNumber) = (bytes, connection, scriptNumber)
        command = Self.command(of: bytes)
    }

    static func command(of bytes: [UInt8]) -> String {
        String(decoding: RESPScanner.words(of: bytes).first ?? [], as: UTF8.self).uppercased()
    }

    /// Whether a command calls a script or a function.
    static func isScript(_ command: String) -> Bool { command.hasPrefix("EVAL") || command.hasPrefix("FCALL") }
}
