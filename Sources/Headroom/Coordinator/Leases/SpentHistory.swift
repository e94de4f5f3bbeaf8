// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// The calls that this instance spent in the windows that still count, for a ledger that has lost its memory.
///
/// Calls of the longest rolling window are kept by 240ths of the window, as the ledger keeps them; calls of the day
/// that are older are one number. At most 64 tenants have a record of their own; the calls of others count for the
/// product only.
struct SpentHistory: Sendable {
    private struct Record: Sendable {
        var cells = FIFO<(number: Int64, count: Int)>()
        /// Calls of the day that have left the window.
        var older = 0
        /// The end of the newest sub-window among these.
        var olderAt: Microseconds = 0

        var isEmpty: Bool { cells.isEmpty && older == 0 }
    }

    static let maximumTenants = 64
    private let window: Microseconds
    private let span: Microseconds
    private var records = TenantTable(Record())
    private var dayStart: Microseconds = .min
    private var dayEnd: Microseconds

    /// A history for the windows of a plan.
    ///
    /// - Parameter dayEnd: the end of the vendor's day, as far as it is known.
    init(plan: Plan, dayEnd: Microseconds) {
        let longest = (plan.productLimits + plan.tenantLimits).reduce(Microseconds(60_000_000)) { longest, limit in
            if case .rolling(let span) = limit.window { max(longest, span.microseconds) } else { longest }
        }
        self.init(window: longest, dayEnd: dayEnd)
    }

    /// A history for one window.
    init(window: Microseconds, dayEnd: Microseconds) {
        self.window = window
        span = (window + Rules.subWindows - 1) / Rules.subWindows
        self.dayEnd = dayEnd
    }

    /// A history of the same window and day, with nothing in it.
    func emptied() -> SpentHistory {
        var copy = self
        copy.records = TenantTable(Record())
        return copy
    }

    /// Takes in the end of the day by the ledger, which knows it better.
    mutating func setDayEnd(_ time: Microseconds) { dayEnd = time }

    mutating func add(_ settlements: [Settlement], at now: Microseconds) {
        for settlement in settlements { add(settlement.tenant, settlement.spent, at: now) }
    }

    mutating func add(_ tenant: Tenant?, _ count: Int, at now: Microseconds) {
        guard count > 0 else { return }
        advance(to: now)
        if let tenant, records.named[tenant] == nil, records.named.count >= Self.maximumTenants {
            forgetIdle(at: now)
            if records.named.count >= Self.maximumTenants { return add(nil, count, at: now) }
        }
        fold(tenant, at: now)
        let number = now / span
        let last = records[tenant].cells.indices.last
        if let last, records[tenant].cells[last].number == number {
            records[tenant].cells[last].count += count
        } else {
            records[tenant].cells.append((number, count))
        }
    }

    /// The calls that still count, oldest first within a tenant. If there are more entries than a join may have,
    /// sub-windows are merged by twos, then by fours and so on.
    func entries(at now: Microseconds) -> [SpentCalls] {
        var copy = self
        copy.advance(to: now)
        for tenant in copy.records.all.map(\.tenant) { copy.fold(tenant, at: now) }
        var step: Int64 = 1
        while true {
            let entries = copy.records.all.flatMap { copy.entries($0.tenant, $0.value, step: step, at: now) }
            if entries.count <= JoinRequest.maximumHistory { return entries }
            step *= 2
        }
    }

    /// The calls made between two times, to the accuracy of sub-windows.
    func entries(at now: Microseconds, from start: Microseconds, to end: Microseconds) -> [SpentCalls] {
        var copy = self
        for tenant in copy.records.all.map(\.tenant) { copy.records[tenant].older = 0 }
        return copy.entries(at: now).filter { now - $0.age > start && now - $0.age - span < end }
    }

    /// The entries of a tenant, each of `step` sub-windows. An entry's age is that of the youngest call that it can
    /// hold.
    private func entries(_ tenant: Tenant?, _ record: Record, step: Int64, at now: Microseconds) -> [SpentCalls] {
        var entries: [SpentCalls] = []
        if record.older > 0 {
            entries.append(SpentCalls(tenant: tenant, age: now - record.olderAt, count: record.older))
        }
        var group: Int64?
        for cell in record.cells.all {
            let age = max(0, now - (cell.number + 1) * span)
            if let open = group, open == cell.number / step, let last = entries.indices.last {
                entries[last].age = age
                entries[last].count += cell.count
            } else {
                entries.append(SpentCalls(tenant: tenant, age: age, count: cell.count))
                group = cell.number / step
            }
        }
        return entries
    }

    private mutating func advance(to now: Microseconds) {
        guard now >= dayEnd else { return }
        dayStart = dayEnd
        dayEnd = now - (now - dayEnd) % Rules.day + Rules.day
        for tenant in records.all.map(\.tenant) { records[tenant].older = 0 }
    }

    /// Adds sub-windows that have left the window to the day's number.
    private mutating func fold(_ tenant: Tenant?, at now: Microseconds) {
        while let cell = records[tenant].cells.first, (cell.number + 1) * span + window <= now {
            _ = records[tenant].cells.popFirst()
            let end = (cell.number + 1) * span
            guard end > dayStart else { continue }
            records[tenant].older += cell.count
            records[tenant].olderAt = end
        }
    }

    private mutating func forgetIdle(at now: Microseconds) {
        for tenant in records.named.keys {
            fold(tenant, at: now)
            if records[tenant].isEmpty { records.named[tenant] = nil }
        }
    }
}
