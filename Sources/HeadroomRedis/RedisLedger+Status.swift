// SPDX-License-Identifier: Apache-2.0

package import Headroom
import RedisClient

// Reading an account without changing it: that needs no script, no right to write, no memory, and a replica will do.
extension RedisLedger {
    /// Which tenants are read.
    package enum TenantSelection: Sendable {
        case some([Tenant])
        case all
    }

    package func status(tenants: [Tenant], in group: BudgetGroup) async throws(LedgerError) -> LedgerStatus? {
        guard var account = try await account(of: group, tenants: .some(tenants)) else { return nil }
        return account.status(tenants: tenants, at: try await time(of: group))
    }

    /// The account as it was last written: what counts now follows when it is brought to the present.
    ///
    /// The product's part is of one moment; instances and tenants are read in pages after it, and those that went
    /// meanwhile are left out.
    package func account(of group: BudgetGroup, tenants: TenantSelection) async throws(LedgerError) -> GroupAccount? {
        guard var stored = try await storedGroup(group) else { return nil }
        let instances = try await names("instances", stored.instancePieces, stored, group)
        try await pages(instances, "i:", group) { name, field throws(LedgerError) in
            if let id = InstanceID(name) {
                try decoded(group) { () throws(LedgerError) in try stored.takeInstance(id, field) }
            }
        }
        let names =
            switch tenants {
            case .some(let tenants): tenants.map(\.name)
            case .all: try await self.names("tenants", stored.tenantPieces, stored, group)
            }
        try await pages(names, "t:", group) { name, field throws(LedgerError) in
            if let tenant = Tenant(name) {
                try decoded(group) { () throws(LedgerError) in try stored.takeTenant(tenant, field) }
            }
        }
        for tenant in stored.account.tenants.keys {
            let rings = try await fields(stored.ringFields(of: .tenant(tenant)), group)
            try decoded(group) { () throws(LedgerError) in try stored.takeRings(rings[...], of: .tenant(tenant)) }
        }
        let expired = try await fields(stored.expiredFields, group)
        try decoded(group) { () throws(LedgerError) in try stored.takeExpired(expired) }
        return stored.account
    }

    /// The group and its rings, of one moment: which rings there are is known only after a first look.
    private func storedGroup(_ group: BudgetGroup) async throws(LedgerError) -> StoredAccount? {
        let state = StoredAccount.groupFields
        var rings: [String] = []
        for _ in 0..<8 {
            let found = try await fields(state + rings, group)
            let key = StoredForm.key(of: group)
            guard var stored = try decoded(group, { () throws(LedgerError) in try StoredAccount(found, key: key) })
            else { return nil }
            let needed = stored.ringFields(of: .product)
            if needed == rings {
                let pieces = found[state.count...]
                try decoded(group) { () throws(LedgerError) in try stored.takeRings(pieces, of: .product) }
                return stored
            }
            rings = needed
        }
        throw LedgerError(.unavailable, "the account changes too often to be read; try again")
    }

    private func names(
        _ roster: String, _ pieces: Int, _ stored: StoredAccount, _ group: BudgetGroup
    ) async throws(LedgerError) -> [String] {
        let found = try await fields((0..<pieces).map { "\(roster):\($0)" }, group)
        return try decoded(group) { () throws(LedgerError) in try stored.names(found.filter { $0 != nil }) }
    }

    /// What a body makes of records. One that was cut, or that something else has written, is a lost part.
    private func decoded<Value>(
        _ group: BudgetGroup, _ body: () throws(LedgerError) -> Value
    ) throws(LedgerError) -> Value {
        do {
            return try body()
        } catch  where error.code == .malformedReply {
            throw .lostPart(of: StoredForm.key(of: group))
        }
    }

    /// Reads records in pages, those that are there.
    private func pages(
        _ names: [String], _ prefix: String, _ group: BudgetGroup,
        _ take: (String, [UInt8]) throws(LedgerError) -> Void
    ) async throws(LedgerError) {
        let found = try await fields(names.map { prefix + $0 }, group)
        for (name, field) in zip(names, found) {
            if let field { try take(name, field) }
        }
    }

    /// The most fields that one command reads: others wait no longer for it than for an exchange or two.
    private static let pageMaximum = 128

    private func fields(_ fields: [String], _ group: BudgetGroup) async throws(LedgerError) -> [[UInt8]?] {
        var found: [[UInt8]?] = []
        for start in stride(from: 0, to: fields.count, by: Self.pageMaximum) {
            let page = fields[start..<min(start + Self.pageMaximum, fields.count)]
            var command = RedisCommand("HMGET", StoredForm.key(of: group))
            for field in page { command.append(field) }
            guard case .array(let values) = try await send(command, in: group), values.count == page.count else {
                throw .malformed("another number of fields", where: "\(page.count)")
            }
            for value in values {
                if case .bulk(let bytes) = value { found.append(bytes) } else { found.append(nil) }
            }
        }
        return found
    }

    private func time(of group: BudgetGroup) async throws(LedgerError) -> Microseconds {
        if let clock { return clock() }
        guard case .array(let parts) = try await send(RedisCommand("TIME"), in: group), parts.count == 2,
            case .bulk(let seconds) = parts[0], case .bulk(let microseconds) = parts[1],
            let whole = Int64(String(decoding: seconds, as: UTF8.self)),
            let rest = Int64(String(decoding: microseconds, as: UTF8.self))
        else { throw .malformed("no time", where: "TIME's answer") }
        return whole * 1_000_000 + rest
    }
}
