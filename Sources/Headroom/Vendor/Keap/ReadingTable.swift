// SPDX-License-Identifier: Apache-2.0

/// Gathers readings of several families into one per scope and name.
struct ReadingTable {
    private var rows: [(reading: LimitReading, isOwn: Bool)] = []

    init() { rows.reserveCapacity(5) }

    /// Adds a reading of a family; later ones only fill what earlier ones left open.
    ///
    /// A family whose own limit this is replaces one that speaks of the limit only through a time unit: the two are not
    /// mixed, their counts may belong to different policies.
    mutating func add(_ reading: LimitReading, of family: LimitFamily?) {
        let isOwn = family.map { $0.ownName == reading.name } ?? true
        let row = rows.firstIndex { $0.reading.scope == reading.scope && $0.reading.name == reading.name }
        guard let row else { return rows.append((reading, isOwn)) }
        if rows[row].isOwn == isOwn {
            rows[row].reading.fill(from: reading)
        } else if isOwn {
            rows[row] = (reading, true)
        }
    }

    /// The readings in the order in which their limits were first spoken of.
    var readings: [LimitReading] { rows.map(\.reading) }
}
