// SPDX-License-Identifier: Apache-2.0

/// Why a text is not a usable address: the text, with what may be a password left out, and what would be right.
package struct AddressError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of mistake.
    package let reason: Reason
    /// The address as given, without what may be a password.
    package let address: String
    /// What to do about it.
    package let advice: String

    init(_ reason: Reason, _ address: String, _ advice: String) {
        (self.reason, self.address, self.advice) = (reason, address, advice)
    }

    package var description: String { "Redis address '\(address)' cannot be used: \(advice)" }

    /// The kind of a mistake.
    package struct Reason: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case empty, unsupported, unknownScheme, credentials, host, port, path, service, database, query
        }

        private let kind: Kind

        private init(_ kind: Kind) { self.kind = kind }

        /// There is no text.
        package static let empty = Self(.empty)
        /// The address wants TLS, and the package was built without its trait `TLS`.
        package static let unsupported = Self(.unsupported)
        /// What stands before `://` is none of `redis`, `redis+sentinel`, `redis+cluster`, the same with `valkey` or
        /// with TLS (`rediss`, `valkeys`), and `unix`.
        package static let unknownScheme = Self(.unknownScheme)
        /// User or password are not percent-encoded as they have to be.
        package static let credentials = Self(.credentials)
        /// The host is missing or has bytes that no host has.
        package static let host = Self(.host)
        /// The port is no number from 1 to 65535.
        package static let port = Self(.port)
        /// The path of a socket file is missing, not absolute, or too long.
        package static let path = Self(.path)
        /// The name of the service that sentinels are to be asked for is missing.
        package static let service = Self(.service)
        /// The database is no whole number from 0, or not 0 in a cluster.
        package static let database = Self(.database)
        /// There is a parameter that the address cannot have.
        package static let query = Self(.query)

        package var description: String { kind.rawValue }
    }
}
