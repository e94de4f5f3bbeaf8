// SPDX-License-Identifier: Apache-2.0

/// One operation's script: the account's arithmetic, and the operation's own file.
struct LedgerScript: Sendable {
    let script: RedisScript

    private init(_ operation: [UInt8]) {
        let parts = [
            PackageResources.account_lua, PackageResources.limit_lua, PackageResources.reconciliation_lua,
            PackageResources.budget_lua, PackageResources.group_lua, operation,
        ]
        script = RedisScript(source: Array(parts.joined(separator: [UInt8(ascii: "\n")])))
    }

    static let join = LedgerScript(PackageResources.join_lua)
    static let exchange = LedgerScript(PackageResources.exchange_lua)
    static let status = LedgerScript(PackageResources.status_lua)
    static let hold = LedgerScript(PackageResources.hold_lua)
}
