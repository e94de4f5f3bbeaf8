// SPDX-License-Identifier: Apache-2.0

import CommandLine

/// The unit of a number, and its text.
package enum Unit: String, Sendable, Hashable, Codable {
    case nanoseconds, microseconds, perSecond, bytes, share, count

    /// The number as people read it.
    package func text(_ value: Double) -> String {
        switch self {
        case .nanoseconds: "\(NumberText.plain(value)) ns"
        case .microseconds: "\(NumberText.plain(value)) µs"
        case .perSecond: "\(NumberText.short(value))/s"
        case .bytes: value < 1024 ? "\(NumberText.plain(value)) B" : "\(NumberText.plain(value / 1024)) KiB"
        case .share: "\(NumberText.fixed(100 * value, decimals: 2)) %"
        case .count: NumberText.plain(value)
        }
    }
}
