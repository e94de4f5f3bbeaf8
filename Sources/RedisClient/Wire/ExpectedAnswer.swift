// SPDX-License-Identifier: Apache-2.0

/// The form that the answer to a command has. An answer of another form is the one to another command: the connection
/// is out of step.
///
/// Redis' answers do not say which command they answer; only their order does. A proxy that repeats or swallows one
/// would shift all that follow, so that every command had the answer of another. A number that a script is given to
/// return (its correlation id) makes its answer certain.
package enum ExpectedAnswer: Sendable, Hashable {
    /// Anything.
    case any
    /// A word of the server's, such as `OK`.
    case status
    /// A string.
    case bulk
    /// An array.
    case array
    /// An array that ends with this number, with which the command was called: its correlation id.
    case correlated(Int64)

    /// Whether an answer may be the one. An error may be, always.
    func fits(_ answer: RedisValue) -> Bool {
        if case .error = answer { return true }
        return switch (self, answer) {
        case (.any, _), (.status, .status), (.bulk, .bulk), (.array, .array): true
        case (.correlated(let id), .array(let elements)): elements.last == .integer(id)
        default: false
        }
    }
}
