// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import RedisClient

/// The Redis of a command that needs one.
struct RedisOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The Redis that has the account: redis://[user[:password]@]host:port[/db], or unix:///path/to.sock. Default: the environment's HEADROOM_REDIS. \(RedisText.passwordHelp)",
            valueName: "address"))
    var redis: String?

    func validate() throws {
        do {
            _ = try address()
        } catch {
            throw ValidationError(error.description)
        }
    }

    /// The address that is given, or the environment's.
    func address() throws(OptionError) -> String {
        guard let address = redis ?? RedisText.environment("HEADROOM_REDIS") else {
            throw OptionError("where is the account? Give --redis ADDRESS, or set HEADROOM_REDIS")
        }
        return try RedisText.checked(address)
    }
}

/// Addresses as people give them.
package enum RedisText {
    static let passwordHelp =
        "An address with a user and no password, redis://user@host, takes the environment's HEADROOM_REDIS_PASSWORD, which is not percent-encoded."

    /// The text of a variable. `nil` if there is none.
    static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The address, with its password, once it is known to be one.
    static func checked(_ text: String) throws(OptionError) -> String {
        try completed(text, password: environment("HEADROOM_REDIS_PASSWORD"))
    }

    /// The address, in which a password takes its place if there is an `@` and no password before it.
    ///
    /// - Parameter password: As it is: the address gets it percent-encoded.
    package static func completed(_ text: String, password: String?) throws(OptionError) -> String {
        do throws(AddressError) {
            _ = try RedisAddress(text)
            return text
        } catch {
            guard error.reason == .credentials, let end = endOfUser(text) else { throw OptionError(error.description) }
            guard let password else { throw OptionError("\(error.description), or set HEADROOM_REDIS_PASSWORD") }
            return try completed(
                text[..<end] + ":" + PercentEncoding.encode(password) + text[end...], password: nil)
        }
    }

    /// Where the user's name ends. `nil` if no `@` follows it at once.
    private static func endOfUser(_ text: String) -> String.Index? {
        guard let scheme = text.firstRange(of: "://") else { return nil }
        let end = text[scheme.upperBound...].firstIndex { "@:/?".contains($0) }
        return end.flatMap { text[$0] == "@" ? $0 : nil }
    }
}
