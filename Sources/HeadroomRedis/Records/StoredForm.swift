// SPDX-License-Identifier: Apache-2.0

package import Headroom

/// The form of the account in Redis beyond its records: `Store.lua` says which fields there are.
package enum StoredForm {
    /// The length of the stamp before the records of a field: the low half of the epoch.
    static let stamp = 4
    /// How many sub-windows one field of a ring has.
    static let ringPiece = 15
    /// How many fields a ring has.
    static let ringPieces = (Int(Rules.ringLength) + ringPiece - 1) / ringPiece
    /// More fields than any roster has: a number beyond it was damaged.
    static let rosterPieces = 65_536

    package static func key(of group: BudgetGroup) -> String { "headroom:\(Rules.version):{\(group.name)}" }
}

/// What a want is short of, as a reply has it.
enum ShortageCode: Int64 {
    case none, limit, learning, hold
}
