// SPDX-License-Identifier: Apache-2.0

extension RedisValue {
    /// The text of a string or a status; nil for everything else.
    var text: String? {
        switch self {
        case .bulk(let bytes): String(validating: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }
}
