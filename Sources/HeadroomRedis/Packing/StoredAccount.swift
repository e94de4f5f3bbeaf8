// SPDX-License-Identifier: Apache-2.0

import Headroom

/// An account as its hash has it: the fields that were read, and what they say.
///
/// `Store.lua` writes them. A part that is missing or cannot be read makes the account a lost one, as it does there.
struct StoredAccount: Sendable {
    /// The fields of the group itself; a ring's follow when its limit is known.
    static let groupFields = ["group", "clock", "count", "seen", "pauses", "sweep"]

    private let stamp: [UInt8]
    /// Which pieces of its ring a limit has in Redis, by the budget and the name, as bits.
    private var kept: [LimitReference: Int64] = [:]
    /// How many pieces the rosters of instances and of tenants have, and how many instances have ever expired.
    private(set) var instancePieces = 0
    private(set) var tenantPieces = 0
    private(set) var expiredCount: Int64 = 0
    private(set) var account: GroupAccount

    /// Reads the fields of ``groupFields``. `nil` if there is no account.
    init?(_ fields: [[UInt8]?], key: String) throws(LedgerError) {
        guard let group = fields[0] else {
            if fields.contains(where: { $0 != nil }) { throw .lostPart(of: key) }
            return nil
        }
        guard group.first == UInt8(Rules.version) else {
            throw LedgerError(
                .unknownVersion, "the account in \(key) was not written by version \(Rules.version) of this library")
        }
        do {
            try self.init(group)
        } catch {
            throw .unreadable("the account in \(key)", key)
        }
        // As in `Store+Group.lua`.
        guard max(instancePieces, tenantPieces) <= StoredForm.rosterPieces else { throw .lostPart(of: key) }
        try unpackState(fields)
    }

    /// Reads the field of the group, with which all others stand and fall.
    private init(_ group: [UInt8]) throws(LedgerError) {
        var reader = PackedReader(group)
        _ = try reader.number(.byte)
        let epoch = try reader.number(.time)
        stamp = (0..<StoredForm.stamp).map { UInt8(truncatingIfNeeded: epoch >> (8 * Int64($0))) }
        let limits = try reader.number(.byte)
        account = GroupAccount(epoch: epoch, now: 0, settings: LedgerSettings(plan: .keapOAuth))
        var values = StoredNumbers()
        try AccountRecords.settings.unpack(&reader, into: &account) { values[$0] = $1 }
        (instancePieces, tenantPieces) = (Int(values["instancePieces"]), Int(values["tenantPieces"]))
        expiredCount = values["expiredCount"]
        try AccountRecords.budget.unpack(&reader, into: &account.product)
        account.product.limits = []
        for _ in 0..<limits { account.product.limits.append(try LimitAccount(head: &reader)) }
        try unpackPlan(&reader)
    }

    /// Takes the limits of the plan, as joins send them.
    private mutating func unpackPlan(_ reader: inout PackedReader) throws(LedgerError) {
        _ = try reader.number(.count)
        let product = try reader.limits()
        let tenant = try reader.limits()
        do {
            account.settings.plan = try Plan(name: "stored", productLimits: product, tenantLimits: tenant)
        } catch {
            throw .malformed(error.message, where: "a plan")
        }
    }

    private mutating func unpackState(_ fields: [[UInt8]?]) throws(LedgerError) {
        var clock = try record(fields[1])
        try AccountRecords.clock.unpack(&clock, into: &account)
        var (counts, seen, pauses) = (try record(fields[2]), try record(fields[3]), try record(fields[4]))
        try AccountRecords.permits.unpack(&counts, into: &account.product)
        for index in account.product.limits.indices {
            keep(try account.product.limits[index].unpackCount(&counts), of: account.product.limits[index], .product)
            try account.product.limits[index].unpackSeen(&seen)
            try AccountRecords.pauses.unpack(&pauses, into: &account.product.limits[index])
        }
        try AccountRecords.turns.unpack(&counts, into: &account)
        var sweep = try record(fields[5])
        try AccountRecords.sweep.unpack(&sweep, into: &account)
    }

    private mutating func keep(_ pieces: Int64, of limit: LimitAccount, _ scope: BudgetScope) {
        if limit.kind == .rolling { kept[LimitReference(scope, limit.name)] = pieces }
    }

    /// The records of a field, behind their stamp.
    private func record(_ field: [UInt8]?) throws(LedgerError) -> PackedReader {
        guard let field, field.starts(with: stamp) else { throw .malformed("nothing of this epoch", where: "a field") }
        return PackedReader(Array(field.dropFirst(stamp.count)))
    }
}

// What is read when the group is known.
extension StoredAccount {
    /// The fields of the rings of a budget's limits.
    func ringFields(of scope: BudgetScope) -> [String] {
        rings(of: scope).map(\.field)
    }

    private func rings(of scope: BudgetScope) -> [(limit: LimitName, piece: Int, field: String)] {
        let tenant = scope.packedName.isEmpty ? "" : ":\(scope.packedName)"
        return kept.filter { $0.key.scope == scope }.sorted { $0.key.name.text < $1.key.name.text }.flatMap {
            reference, kept in
            (0..<StoredForm.ringPieces).filter { kept >> Int64($0) & 1 == 1 }.map {
                (reference.name, $0, "ring:\(reference.name):\($0)\(tenant)")
            }
        }
    }

    /// Takes the pieces of ``ringFields(of:)``.
    mutating func takeRings(_ fields: ArraySlice<[UInt8]?>, of scope: BudgetScope) throws(LedgerError) {
        for (ring, field) in zip(rings(of: scope), fields) {
            var reader = try record(field)
            for cell in 0..<StoredForm.ringPiece {
                let count = UInt32(try reader.number(.count))
                let place = ring.piece * StoredForm.ringPiece + cell
                guard place < Rules.ringLength else { continue }
                account.withBudget(scope) { budget in
                    for index in budget.limits.indices where budget.limits[index].name == ring.limit {
                        budget.limits[index].ring[place] = count
                    }
                }
            }
        }
    }

    /// The names in the pieces of a roster.
    func names(_ pieces: [[UInt8]?]) throws(LedgerError) -> [String] {
        var names: [String] = []
        for piece in pieces {
            var reader = try record(piece)
            while !reader.isAtEnd { names.append(try reader.text()) }
        }
        return names
    }

    mutating func takeInstance(_ id: InstanceID, _ field: [UInt8]) throws(LedgerError) {
        var reader = try record(field)
        var instance = InstanceAccount(weight: 0, sequence: 0, renewed: 0)
        var values = StoredNumbers()
        try AccountRecords.instance.unpack(&reader, into: &instance) { values[$0] = $1 }
        for _ in 0..<values["scopes"] {
            let scope = try reader.scope()
            instance.permits[scope.tenant] = try reader.number(.sum)
        }
        account.instances[id] = instance
    }

    mutating func takeTenant(_ tenant: Tenant, _ field: [UInt8]) throws(LedgerError) {
        var reader = try record(field)
        var budget = BudgetAccount([])
        try AccountRecords.budget.unpack(&reader, into: &budget)
        try AccountRecords.permits.unpack(&reader, into: &budget)
        for _ in 0..<(try reader.number(.byte)) { budget.limits.append(try LimitAccount(head: &reader)) }
        for index in budget.limits.indices {
            keep(try budget.limits[index].unpackCount(&reader), of: budget.limits[index], .tenant(tenant))
        }
        for index in budget.limits.indices { try budget.limits[index].unpackSeen(&reader) }
        for index in budget.limits.indices {
            try AccountRecords.pauses.unpack(&reader, into: &budget.limits[index])
        }
        account.tenants[tenant] = budget
    }

    /// The fields in which expired instances are, the oldest first.
    var expiredFields: [String] {
        let dropped = Int64(Rules.expiredDropped)
        let pieces = Int64(Rules.expiredMaximum) / dropped
        guard expiredCount > 0 else { return [] }
        let newest = (expiredCount - 1) / dropped
        return (max(0, newest - pieces + 1)...newest).map { "expired:\($0 % pieces)" }
    }

    mutating func takeExpired(_ fields: [[UInt8]?]) throws(LedgerError) {
        for field in fields {
            var reader = try record(field)
            while !reader.isAtEnd {
                guard let id = InstanceID(try reader.text()) else { throw .malformed("no name", where: "an instance") }
                account.expired.append(ExpiredInstance(id: id, sequence: try reader.number(.time)))
            }
        }
    }
}
