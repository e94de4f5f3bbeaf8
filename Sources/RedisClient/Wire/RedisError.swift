// SPDX-License-Identifier: Apache-2.0

/// Why a command has no answer, or the error that Redis answered it with.
package struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What happened.
    package let code: Code
    /// What was wrong, in words. Never holds a password.
    package let message: String
    /// Whether Redis may have carried the command out. If not, it has not and never will: repeating it is safe.
    package let mayHaveRun: Bool

    package init(_ code: Code, _ message: String, mayHaveRun: Bool = false) {
        (self.code, self.message, self.mayHaveRun) = (code, message, mayHaveRun)
    }

    package var description: String { "redis: \(code): \(message)" }

    /// Redis' own error. `nil` if there was no answer.
    package var serverError: ServerError? { code == .serverError ? ServerError(message) : nil }

    /// The kind of an error.
    package enum Code: String, Sendable, CustomStringConvertible {
        /// There is no connection, and the command was not sent: repeating it is safe.
        case unavailable
        /// The connection ended after the command was sent and before its answer came: it may have run.
        case lost
        /// No answer came in time. ``RedisError/mayHaveRun`` says whether the command was sent.
        case timedOut
        /// Redis answered with an error; the message is Redis' own.
        case serverError = "server error"
        /// Redis does not accept the user or the password, or wants one and the address has none.
        case authentication
        /// Too many commands wait for their answers already; this one was not taken.
        case queueFull
        /// What came is no Redis answer, or not the one to the command that was due: the connection was given up.
        case protocolViolation
        /// The task was cancelled. ``RedisError/mayHaveRun`` says whether the command was sent.
        case cancelled
        /// The connection was closed by its owner.
        case closed

        package var description: String { rawValue }
    }
}
