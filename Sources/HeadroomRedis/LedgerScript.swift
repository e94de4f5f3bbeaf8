// SPDX-License-Identifier: Apache-2.0

import Headroom
package import RedisClient

/// One operation: a function of the ledger's library, and the same as a script for servers without functions.
package struct LedgerScript: Sendable {
    package let script: RedisScript

    private init(_ operation: Operation) {
        let source = Self.compose([operation]) + "\nreturn operations.\(operation.name)(KEYS, ARGV)\n"
        script = RedisScript(
            source: Array(source.utf8), function: RedisFunction(operation.name, of: Self.library),
            errorKinds: LedgerError.scriptKinds)
    }

    package static let join = LedgerScript(.join)
    package static let exchange = LedgerScript(.exchange)
    package static let hold = LedgerScript(.hold)

    /// The functions of this version, which an operator may load into Redis.
    package static let library = RedisFunction.Library(
        prefix: "headroom", source: compose([.join, .exchange, .hold]),
        functions: ["join": "operations.join", "exchange": "operations.exchange", "hold": "operations.hold"])

    /// What only one operation needs: the function of its name is in the last file.
    private struct Operation: Sendable {
        let name: String
        let parts: [String]

        static let join = Operation(
            name: "join", parts: [RequestRecords.luaOfJoin, part(PackageResources.GroupAccount_Join_lua)])
        static let exchange = Operation(
            name: "exchange",
            parts: [
                RequestRecords.luaOfExchange, ReplyRecords.lua, part(PackageResources.SlotSchedule_lua),
                part(PackageResources.FairShare_lua),
                part(PackageResources.Allowance_lua, giving: "newAllowance", and: "allowed", "shortage"),
                part(PackageResources.GroupAccount_Reserve_lua, giving: "reserve", "noteUrgent"),
                part(PackageResources.GroupAccount_Exchange_lua),
            ])
        static let hold = Operation(name: "hold", parts: [part(PackageResources.GroupAccount_Operator_lua)])

        /// In a block of its own, as Lua has room for 200 names at a time.
        var text: [String] { ["do"] + parts + ["operations.\(name) = guarded(\(name))", "end"] }
    }

    /// What every operation needs. A file comes after those whose functions it calls.
    private static let account: [String] = [
        part(PackageResources.Format_lua), AccountRecords.lua, RequestRecords.lua, part(PackageResources.Store_lua),
        part(PackageResources.Store_Rings_lua),
        part(PackageResources.LimitAccount_lua), part(PackageResources.LimitAccount_Remaining_lua),
        part(PackageResources.LimitAccount_Reconciliation_lua), part(PackageResources.BudgetAccount_lua),
        part(PackageResources.Store_Rosters_lua),
        part(
            PackageResources.Store_Group_lua, giving: "setEpoch", "load", "unchanged", "commit", "guarded"),
        part(PackageResources.GroupAccount_lua), "local operations = {}",
    ]

    /// A file's text.
    ///
    /// - Parameters:
    ///   - functions: Those that other files call, if the rest is to be seen in this file only.
    ///   - variables: Variables that other files use.
    private static func part(_ file: [UInt8], giving functions: String..., and variables: String...) -> String {
        var text = String(decoding: file, as: UTF8.self)
        guard !functions.isEmpty else { return text }
        for function in functions {
            text = text.replacing("local function \(function)(", with: "function \(function)(")
        }
        if !variables.isEmpty {
            text = text.replacing("\nlocal \(variables.joined(separator: ", "))\n", with: "\n")
        }
        return "local \((functions + variables).joined(separator: ", "))\ndo\n\(text)\nend"
    }

    private static func compose(_ operations: [Operation]) -> String {
        LuaSource(account + operations.flatMap(\.text), constants: LuaConstants.all).text
    }
}
