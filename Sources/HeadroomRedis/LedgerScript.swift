// SPDX-License-Identifier: Apache-2.0

/// One operation's script: the account's arithmetic, and the operation's own file.
struct LedgerScript: Sendable {
    let script: RedisScript

    private init(_ operation: [UInt8]) {
        script = RedisScript(source: PackageResources.account_lua + [UInt8(ascii: "\n")] + operation)
    }

    static let join = LedgerScript(PackageResources.join_lua)
    static let exchange = LedgerScript(PackageResources.exchange_lua)
    static let status = LedgerScript(PackageResources.status_lua)
    static let hold = LedgerScript(PackageResources.hold_lua)
}
