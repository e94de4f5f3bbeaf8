// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// What this instance spent in the windows that still count: told to a ledger that has lost its memory.
///
/// Calls of the longest rolling window are kept in 240ths of it, what is older as one number for the day. At most 64
/// tenants have a record of their own; the calls of others count for the product alone.
struct SpentHistory: Sendable {
    private struct Record: Sendable {
        var cells = FIFO<(number: Int64, count: Int)>()
        /// Calls of the day that left the window, and when the newest of them was made at the latest.
        var older = 0
        var olderAt: Microseconds = 0

        var isEmpty: Bool { cells.isEmpty && older == 0 }
    }

    static let maximumTenants = 64
    private let window: Microseconds
    private let span: Microseconds
    private var records = TenantTable(Record())
    private var dayStart: Microseconds = .min
    private var dayEnd: Microseconds

    /// - Parameter dayEnd: when the vendor's day ends, as far as is known.
    init(plan: Plan, dayEnd: Microseconds) {
        let longest = (plan.productLimits + plan.tenantLimits).reduce(Microseconds(60_000_000)) { longest, limit in
            if case .rolling(let span) = limit.window { max(longest, span.microseconds) } else { longest }
        }
        self.init(window: longest, dayEnd: dayEnd)
    }

    /// One of a window of that length.
    init(window: Microseconds, dayEnd: Microseconds) {
        self.window = window
        span = (window + Rules.parts - 1) / Rules.parts
        self.dayEnd = dayEnd
    }

    /// One of the same windows and day, with nothing in it.
    func emptied() -> SpentHistory {
        var copy = self
        copy.records = TenantTable(Record())
        return copy
    }

    /// Takes in when the day ends, which the ledger knows better.
    mutating func dayEnds(at time: Microseconds) { dayEnd = time }

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

    /// What still counts, oldest first within a tenant; never more entries than a join may have.
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

    /// The calls of a time, as far as they are known one sub-window from another.
    func entries(at now: Microseconds, from start: Microseconds, to end: Microseconds) -> [SpentCalls] {
        var copy = self
        for tenant in copy.records.all.map(\.tenant) { copy.records[tenant].older = 0 }
        return copy.entries(at: now).filter { now - $0.age > start && now - $0.age - span < end }
    }

    /// Sub-windows are told as young as their youngest call can be; `step` of them as one.
    private func entries(_ tenant: Tenant?, _ record: Record, step: Int64, at now: Microseconds) -> [SpentCalls] {
        var told: [SpentCalls] = []
        if record.older > 0 { told.append(SpentCalls(tenant: tenant, age: now - record.olderAt, count: record.older)) }
        var group: Int64?
        for cell in record.cells.all {
            let age = max(0, now - (cell.number + 1) * span)
            if let open = group, open == cell.number / step, let last = told.indices.last {
                told[last].age = age
                told[last].count += cell.count
            } else {
                told.append(SpentCalls(tenant: tenant, age: age, count: cell.count))
                group = cell.number / step
            }
        }
        return told
    }

    private mutating func advance(to now: Microseconds) {
        guard now >= dayEnd else { return }
        dayStart = dayEnd
        dayEnd = now - (now - dayEnd) % Rules.day + Rules.day
        for tenant in records.all.map(\.tenant) { records[tenant].older = 0 }
    }

    /// Moves sub-windows that left the window to the day's number.
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
