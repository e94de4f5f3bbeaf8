// SPDX-License-Identifier: Apache-2.0

package import RedisClient

/// One operation: a function of the ledger's library, and the same as a script for servers without functions.
package struct LedgerScript: Sendable {
    package let script: RedisScript

    private init(_ name: String, _ operation: [UInt8]...) {
        let source = Self.compose(Self.account + operation) + "\nreturn \(name)(KEYS, ARGV)\n"
        script = RedisScript(source: Array(source.utf8), function: RedisFunction(name, of: Self.library))
    }

    package static let join = LedgerScript("join", PackageResources.join_lua)
    package static let exchange = LedgerScript("exchange", PackageResources.reserve_lua, PackageResources.exchange_lua)
    package static let status = LedgerScript("status", PackageResources.status_lua)
    package static let hold = LedgerScript("hold", PackageResources.hold_lua)

    /// What every operation needs.
    private static let account = [
        PackageResources.account_lua, PackageResources.limit_lua, PackageResources.reconciliation_lua,
        PackageResources.budget_lua, PackageResources.group_lua,
    ]

    private static let library = RedisFunction.Library(
        prefix: "headroom",
        source: compose(
            account + [
                PackageResources.reserve_lua, PackageResources.join_lua, PackageResources.exchange_lua,
                PackageResources.status_lua, PackageResources.hold_lua,
            ]),
        functions: ["join", "exchange", "status", "hold"])

    private static func compose(_ files: [[UInt8]]) -> String {
        LuaSource(files.map { String(decoding: $0, as: UTF8.self) }, constants: LuaConstants.all).text
    }
}
