// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// The calls that this instance spent in the windows that still count, each with the number of the report that brought
/// it to the ledger: for a ledger that has lost its memory, or is an older copy of itself.
///
/// ```
/// one cell for each report │ 240ths of the longest rolling window │ quarters of an hour, until the day ends
/// now                    15 s                                  window
/// ```
///
/// The older the calls, the larger their cells. A cell's number is that of its newest report: a ledger that has heard a
/// part of the cell counts all of it again, never too little. At most 64 tenants have a record of their own; the calls
/// of others count for the product only.
package struct SpentHistory: Sendable {
    private struct Cell: Sendable {
        /// The end of the sub-window of the newest call.
        var end: Microseconds
        /// The number of the newest report.
        var report: Int64
        var count: Int
    }

    /// The rule by which cells that follow each other are merged.
    private struct Merging: Sendable {
        /// The length of the periods of which each has one cell. `nil`: each report has one.
        let period: Microseconds?
        /// See ``SpentHistory/answered``.
        let answered: Int64

        func append(_ cell: Cell, to cells: inout FIFO<Cell>) {
            guard let last = cells.all.last, isOne(last, cell) else { return cells.append(cell) }
            cells[cells.indices.upperBound - 1] = Cell(
                end: cell.end, report: max(last.report, cell.report), count: last.count + cell.count)
        }

        private func isOne(_ first: Cell, _ second: Cell) -> Bool {
            guard let period else { return first.end == second.end && first.report == second.report }
            return (first.end - 1) / period == (second.end - 1) / period
                && (first.report > answered) == (second.report > answered)
        }
    }

    private struct Record: Sendable {
        /// Calls of the last seconds, by report.
        var young = FIFO<Cell>()
        /// Older calls within the window, by sub-window.
        var cells = FIFO<Cell>()
        /// Calls of the day that have left the window, by quarter of an hour.
        var older = FIFO<Cell>()

        var isEmpty: Bool { young.isEmpty && cells.isEmpty && older.isEmpty }
    }

    package static let maximumTenants = 64
    /// How long calls are kept by report, in microseconds: a failover is over by then.
    private static let youngSpan: Microseconds = 15_000_000
    /// The most young cells of a tenant.
    private static let youngMaximum = 768
    private static let quarterHour: Microseconds = 900_000_000
    /// The number of the newest report that was answered. Calls that it brought, and calls that are still to be
    /// reported, are never in one cell.
    var answered: Int64 = 0
    private let window: Microseconds
    private let span: Microseconds
    private var records = TenantTable(Record())
    private var dayStart: Microseconds = .min
    private var dayEnd: Microseconds

    /// A history for the windows of a plan.
    ///
    /// - Parameter dayEnd: the end of the vendor's day, as far as it is known.
    package init(plan: Plan, dayEnd: Microseconds) {
        window = (plan.productLimits + plan.tenantLimits).reduce(Microseconds(60_000_000)) { longest, limit in
            if case .rolling(let span) = limit.window { max(longest, span.microseconds) } else { longest }
        }
        span = (window + Rules.subWindows - 1) / Rules.subWindows
        self.dayEnd = dayEnd
    }

    /// Takes in the end of the day by the ledger, which knows it better. What was spent before the day began counts no
    /// more, also if nobody has called since.
    mutating func setDayEnd(_ time: Microseconds) {
        guard time != dayEnd else { return }
        (dayStart, dayEnd) = (time - Rules.day, time)
        let start = dayStart
        records.forEach { _, record in
            while let cell = record.older.first, cell.end <= start { _ = record.older.popFirst() }
        }
    }

    /// Records calls that a report brought to the ledger, or is to bring.
    package mutating func add(_ tenant: Tenant?, _ count: Int, report: Int64, at now: Microseconds) {
        guard count > 0 else { return }
        advance(to: now)
        if let tenant, records.named[tenant] == nil, records.named.count >= Self.maximumTenants {
            forgetIdle(at: now)
            if records.named.count >= Self.maximumTenants { return add(nil, count, report: report, at: now) }
        }
        age(tenant, at: now)
        let cell = Cell(end: (now / span + 1) * span, report: report, count: count)
        merging(by: nil).append(cell, to: &records[tenant].young)
    }

    /// The calls that still count, newest reports first. If there are more entries than a join may have, cells are
    /// merged: first older ones by twos, then by fours and so on; then fewer and fewer of the young ones are kept
    /// apart by report, and in the end these are merged by twos and fours as well.
    package func entries(at now: Microseconds) -> [SpentCalls] {
        var copy = self
        copy.advance(to: now)
        for tenant in copy.records.all.map(\.tenant) { copy.age(tenant, at: now) }
        var size = 0
        while true {
            let entries = copy.records.all.flatMap { copy.entries($0.tenant, $0.value, size: size, at: now) }
            if entries.count <= JoinRequest.maximumHistory { return entries.sorted { $0.report > $1.report } }
            size += 1
        }
    }

    /// The entries of a tenant, the larger the size the fewer: with a size of 24 at most a few. An entry's age is that
    /// of the youngest call that it can hold.
    private func entries(_ tenant: Tenant?, _ record: Record, size: Int, at now: Microseconds) -> [SpentCalls] {
        let long: Int64 = 1 << min(size, 8)
        let short: Int64 = 1 << min(max(0, size - 16), 8)
        let apart = Self.youngMaximum >> max(0, size - 8)
        let (day, window, recent, report) = (
            merging(by: Self.quarterHour * long), merging(by: span * long), merging(by: span * short),
            merging(by: nil)
        )
        var merged = FIFO<Cell>()
        for cell in record.older.all { day.append(cell, to: &merged) }
        for cell in record.cells.all { window.append(cell, to: &merged) }
        for (place, cell) in record.young.all.enumerated() {
            (place + apart < record.young.count ? recent : report).append(cell, to: &merged)
        }
        return merged.all.map {
            SpentCalls(tenant: tenant, age: max(0, now - $0.end), count: $0.count, report: $0.report)
        }
    }

    private mutating func advance(to now: Microseconds) {
        guard now >= dayEnd else { return }
        setDayEnd(now - (now - dayEnd) % Rules.day + Rules.day)
    }

    /// Moves cells that have grown older to where they are kept in larger pieces.
    private mutating func age(_ tenant: Tenant?, at now: Microseconds) {
        let (window, day) = (merging(by: span), merging(by: Self.quarterHour))
        while let cell = records[tenant].young.first,
            cell.end + Self.youngSpan <= now || records[tenant].young.count > Self.youngMaximum
        {
            _ = records[tenant].young.popFirst()
            window.append(cell, to: &records[tenant].cells)
        }
        while let cell = records[tenant].cells.first, cell.end + self.window <= now {
            _ = records[tenant].cells.popFirst()
            if cell.end > dayStart { day.append(cell, to: &records[tenant].older) }
        }
    }

    private func merging(by period: Microseconds?) -> Merging { Merging(period: period, answered: answered) }

    private mutating func forgetIdle(at now: Microseconds) {
        for tenant in records.named.keys {
            age(tenant, at: now)
            if records[tenant].isEmpty { records.named[tenant] = nil }
        }
    }
}
