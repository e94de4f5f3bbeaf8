// SPDX-License-Identifier: Apache-2.0

/// Why a command got no answer, or which error Redis answered with.
public struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What happened.
    public let code: Code
    /// What was wrong, in words. Never holds a password.
    public let message: String
    /// Whether Redis may have carried the command out. Where false, it has not and never will: repeating it is safe.
    public let mayHaveRun: Bool

    package init(_ code: Code, _ message: String, mayHaveRun: Bool = false) {
        (self.code, self.message, self.mayHaveRun) = (code, message, mayHaveRun)
    }

    public var description: String { "redis: \(code): \(message)" }

    /// The kind of an error.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case unavailable, lost, timedOut, refused, authentication, queueFull, protocolViolation, cancelled, closed
        }

        private let kind: Kind

        private init(_ kind: Kind) { self.kind = kind }

        /// There is no connection, and the command was not sent: repeating it is safe.
        public static let unavailable = Self(.unavailable)
        /// The connection ended after the command was sent and before its answer came: it may have run.
        public static let lost = Self(.lost)
        /// No answer came in time. ``RedisError/mayHaveRun`` tells whether the command was sent.
        public static let timedOut = Self(.timedOut)
        /// Redis answered with an error; the message is Redis' own.
        public static let refused = Self(.refused)
        /// Redis does not accept the user or the password, or wants one where the address has none.
        public static let authentication = Self(.authentication)
        /// Too many commands wait for their answers already; this one was not taken.
        public static let queueFull = Self(.queueFull)
        /// What came is no Redis answer, or not the one to the command that was due: the connection was given up.
        public static let protocolViolation = Self(.protocolViolation)
        /// The task was cancelled. ``RedisError/mayHaveRun`` tells whether the command was sent.
        public static let cancelled = Self(.cancelled)
        /// The connection was closed by its owner.
        public static let closed = Self(.closed)

        public var description: String { kind.rawValue }
    }
}
