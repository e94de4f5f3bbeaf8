// SPDX-License-Identifier: Apache-2.0

import Headroom

/// Numbers of a record that only Lua has a property for, by name.
struct StoredNumbers {
    private var numbers: [String: Int64] = [:]

    subscript(name: String) -> Int64 {
        get { numbers[name] ?? 0 }
        set { numbers[name] = newValue }
    }
}

extension LimitAccount {
    /// A limit's name, kind and window, and its capacities.
    init(head reader: inout PackedReader) throws(LedgerError) {
        let name = try reader.limitName()
        let (kind, span) = (try reader.number(.byte), Duration.microseconds(try reader.number(.time)))
        self.init(name: name, window: try Limit.Window(kind: kind, span: span), capacity: 1)
        try AccountRecords.capacity.unpack(&reader, into: &self)
        // The account divides by both.
        guard capacity > 0, window > 0 else { throw .malformed("0", where: "a limit's capacity or window") }
    }

    /// Returns which pieces of the ring Redis has, as bits.
    mutating func unpackCount(_ reader: inout PackedReader) throws(LedgerError) -> Int64 {
        var values = StoredNumbers()
        switch kind {
        case .rolling: try AccountRecords.rollingCount.unpack(&reader, into: &self) { values[$0] = $1 }
        case .day: try AccountRecords.dailyCount.unpack(&reader, into: &self)
        case .paced: try AccountRecords.pacedCount.unpack(&reader, into: &self)
        }
        return values["kept"]
    }

    mutating func unpackSeen(_ reader: inout PackedReader) throws(LedgerError) {
        switch kind {
        case .rolling: try AccountRecords.rollingSeen.unpack(&reader, into: &self)
        case .day: try AccountRecords.dailySeen.unpack(&reader, into: &self)
        case .paced: break
        }
    }
}

extension Limit.Window {
    init(kind: Int64, span: Duration) throws(LedgerError) {
        switch LimitAccount.Kind(rawValue: kind) {
        case .rolling: self = .rolling(span)
        case .day: self = .day
        case .paced: self = .paced(span)
        case nil: throw .malformed("\(kind)", where: "a kind of limit from 1 to 3")
        }
    }
}

extension PackedReader {
    /// The limits of a plan, as ``RequestRecords/limit`` packs them.
    mutating func limits() throws(LedgerError) -> [Limit] {
        var limits: [Limit] = []
        for _ in 0..<(try natural(most: Int64(Plan.maximumLimits))) {
            let name = try limitName()
            let (kind, span) = (try integer(), Duration.microseconds(try natural()))
            let (capacity, ceiling) = (try natural(), try natural())
            do {
                limits.append(
                    try Limit(
                        name, capacity: Int(capacity), window: try Limit.Window(kind: kind, span: span),
                        ceiling: ceiling > 0 ? Int(ceiling) : nil))
            } catch let error as RateLimitError {
                throw .malformed(error.message, where: "a limit")
            } catch {
                throw .malformed("\(kind)", where: "a limit's kind")
            }
        }
        return limits
    }
}

extension BudgetScope {
    var tenant: Tenant? {
        switch self {
        case .product: nil
        case .tenant(let tenant): tenant
        }
    }
}

extension GroupAccount {
    /// Changes a budget as it stands; one that is not there is left out.
    mutating func withBudget(_ scope: BudgetScope, _ body: (inout BudgetAccount) -> Void) {
        switch scope {
        case .product: body(&product)
        case .tenant(let tenant):
            guard var budget = tenants[tenant] else { return }
            body(&budget)
            tenants[tenant] = budget
        }
    }
}
