// SPDX-License-Identifier: Apache-2.0

import Headroom
package import RedisClient

/// One operation: a function of the ledger's library, and the same as a script for servers without functions.
package struct LedgerScript: Sendable {
    package let script: RedisScript

    private init(_ name: String, _ operation: [[UInt8]]) {
        let source = Self.compose(Self.account + operation) + "\nreturn \(name)(KEYS, ARGV)\n"
        script = RedisScript(
            source: Array(source.utf8), function: RedisFunction(name, of: Self.library),
            errorKinds: LedgerError.scriptKinds)
    }

    package static let join = LedgerScript("join", [PackageResources.GroupAccount_Join_lua])
    package static let exchange = LedgerScript("exchange", exchanging)
    package static let status = LedgerScript("status", [PackageResources.GroupAccount_Status_lua])
    package static let hold = LedgerScript("hold", [PackageResources.GroupAccount_Operator_lua])

    /// What every operation needs. A file comes after those whose functions it calls.
    private static let account = [
        PackageResources.Format_lua, PackageResources.LimitAccount_lua, PackageResources.LimitAccount_Remaining_lua,
        PackageResources.LimitAccount_Reconciliation_lua, PackageResources.BudgetAccount_lua,
        PackageResources.Store_lua, PackageResources.GroupAccount_lua,
    ]

    /// What only an exchange needs.
    private static let exchanging = [
        PackageResources.SlotSchedule_lua, PackageResources.FairShare_lua, PackageResources.Allowance_lua,
        PackageResources.GroupAccount_Reserve_lua, PackageResources.GroupAccount_Exchange_lua,
    ]

    /// The library of all operations. Its name is made of its text, so that each version has its own.
    package static let library = RedisFunction.Library(
        prefix: "headroom",
        source: compose(
            account + exchanging + [
                PackageResources.GroupAccount_Join_lua, PackageResources.GroupAccount_Status_lua,
                PackageResources.GroupAccount_Operator_lua,
            ]),
        functions: ["join", "exchange", "status", "hold"])

    private static func compose(_ files: [[UInt8]]) -> String {
        LuaSource(files.map { String(decoding: $0, as: UTF8.self) }, constants: LuaConstants.all).text
    }
}
