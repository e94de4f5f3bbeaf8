// SPDX-License-Identifier: Apache-2.0

/// A header that was there, not blank, and of no use. Small and printable, whatever the response had in it: fit for a
/// log.
public struct IgnoredHeader: Sendable, Hashable, CustomStringConvertible {
    /// Why a header was not used, in a few words: `not a plain number`.
    package struct Reason: Sendable, Hashable, CustomStringConvertible {
        package let description: String

        package init(_ description: String) { self.description = description }

        /// A count is not plain decimal digits.
        package static let notANumber = Reason("not a plain number")
        /// A count is outside its range, see ``LimitReading``; a delay is longer than a day.
        package static let outOfRange = Reason("out of range")
        /// A rate is not digits followed by `ps` or `pm`.
        package static let notARate = Reason("not a rate per second or minute")
        /// A time unit other than second, minute, hour and day.
        package static let unknownUnit = Reason("unknown time unit")
        /// More parts between pipes than any limit has, or not as many as the time unit has.
        package static let partsDisagree = Reason("number of parts does not agree")
        /// Neither a date nor, by its magnitude, seconds, milliseconds or microseconds since 1970.
        package static let notATime = Reason("not a time")
        /// A time that is past, or later than the window can end.
        package static let implausibleTime = Reason("implausible time")
        /// A tenant's name that is too long, or has other bytes than printable ASCII.
        package static let notATenant = Reason("not a tenant name")
        /// The header had been given before, with another value.
        package static let duplicate = Reason("given twice, differently")
    }

    /// The header's name, in lower case.
    package let name: String
    /// The header's value: its first 64 characters, all but printable ASCII replaced by `?`.
    package let value: String
    /// What is wrong with it.
    package let reason: Reason

    /// Most entries of one ``VendorReading``.
    package static let maximumCount = 16
    /// Most characters of ``value``.
    package static let maximumValueLength = 64

    /// Makes an entry.
    ///
    /// - Parameters:
    ///   - name: the header's name.
    ///   - value: the header's value, however long and whatever is in it.
    ///   - reason: what is wrong with it, in a few words: `not a plain number`.
    public init(name: String, value: String, reason: String) {
        self.init(name: name, value: value, reason: Reason(reason))
    }

    package init(name: String, value: String, reason: Reason) {
        (self.name, self.value, self.reason) = (name, Self.printable(value), reason)
    }

    public var description: String { "\(name): '\(value)' is ignored: \(reason)" }

    private static func printable(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(maximumValueLength) {
            result.unicodeScalars.append((0x20...0x7E).contains(scalar.value) ? scalar : "?")
        }
        return result
    }
}
