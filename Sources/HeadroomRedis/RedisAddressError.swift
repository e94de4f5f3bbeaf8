// SPDX-License-Identifier: Apache-2.0

import RedisClient

/// Why the address of a Redis cannot be used.
public struct RedisAddressError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of mistake.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// The text is not an address.
        public static let malformed = Code(description: "malformed")
        /// The address wants TLS, and the package was built without its trait `TLS`.
        public static let withoutTLS = Code(description: "without TLS")
    }

    /// The kind of mistake.
    public let code: Code
    /// The address, with what may be a password left out, and what would be right.
    public let message: String

    init(_ error: AddressError) {
        (code, message) = (error.reason == .unsupported ? .withoutTLS : .malformed, error.description)
    }

    public var description: String { message }
}
