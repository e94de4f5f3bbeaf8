// SPDX-License-Identifier: Apache-2.0

/// A master that sentinels watch over: its name there, and how to ask them.
package struct SentinelService: Sendable, Hashable {
    package let name: String
    /// In the order in which they are asked first.
    package let sentinels: [RedisEndpoint]
    /// How to log in at the sentinels, which have users of their own.
    package let user: String?
    package let password: String?

    package init(_ name: String, sentinels: [RedisEndpoint], user: String? = nil, password: String? = nil) {
        (self.name, self.sentinels, self.user, self.password) = (name, sentinels, user, password)
    }

    /// The port of a sentinel that was not told another.
    package static let defaultPort = 26_379
}
