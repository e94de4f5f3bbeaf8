// SPDX-License-Identifier: Apache-2.0

/// Commands that a new connection sends in one piece before any of a user's, and what it makes of the answers.
protocol Dialogue {
    /// The commands.
    var bytes: [UInt8] { get }
    /// How many answers are awaited.
    var count: Int { get }

    /// Judges the answer at a position. Returns a text worth a log line where something that does not matter was
    /// refused.
    mutating func judge(_ position: Int, _ answer: RedisValue) throws(RedisError) -> String?
}
