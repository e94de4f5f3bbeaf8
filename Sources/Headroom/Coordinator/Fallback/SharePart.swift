// SPDX-License-Identifier: Apache-2.0

/// One instance's part of a limit, whose beginning is not like the rest.
struct SharePart: Sendable {
    let limit: LimitReference
    /// What the instance may have used within the window (or the day) until then, and what from then on.
    let first: Int64
    let widensAt: Microseconds
    let later: Int64
}

extension LimitName {
    private static let suffix = "/share"

    /// The name of an instance's part of the limit: none that a plan or a header can have.
    var ofPart: LimitName { LimitName(known: text + Self.suffix) }
    /// The limit's name where this is the name of a part.
    var ofWhole: LimitName {
        text.hasSuffix(Self.suffix) ? LimitName(known: String(text.dropLast(Self.suffix.count))) : self
    }
}
