// SPDX-License-Identifier: Apache-2.0

/// One operation's script: the account's arithmetic, and the operation's own files.
package struct LedgerScript: Sendable {
    package let script: RedisScript

    private init(_ operation: [UInt8]...) {
        let account = [
            PackageResources.account_lua, PackageResources.limit_lua, PackageResources.reconciliation_lua,
            PackageResources.budget_lua, PackageResources.group_lua,
        ]
        let parts = (account + operation).map { String(decoding: $0, as: UTF8.self) }
        script = RedisScript(source: Array(LuaSource(parts, constants: LuaConstants.all).text.utf8))
    }

    package static let join = LedgerScript(PackageResources.join_lua)
    package static let exchange = LedgerScript(PackageResources.reserve_lua, PackageResources.exchange_lua)
    package static let status = LedgerScript(PackageResources.status_lua)
    package static let hold = LedgerScript(PackageResources.hold_lua)
}
