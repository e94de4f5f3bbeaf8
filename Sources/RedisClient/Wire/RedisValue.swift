// SPDX-License-Identifier: Apache-2.0

/// An answer of Redis.
package enum RedisValue: Sendable, Hashable {
    /// Nothing: a missing key or element.
    case null
    /// A whole number.
    case integer(Int64)
    /// A short word of the server's, such as `OK`.
    case status(String)
    /// Bytes.
    case bulk([UInt8])
    /// Several answers.
    case array([RedisValue])
    /// An error inside an array. An error that is the whole answer is thrown instead, as
    /// ``RedisError/Code/serverError``.
    case error(String)
}

extension RedisValue {
    /// The text of a string or a status. `nil` for everything else.
    var text: String? {
        switch self {
        case .bulk(let bytes): String(validating: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }
}
