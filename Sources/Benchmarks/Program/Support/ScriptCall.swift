// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import RedisClient

/// One call of a script: for our connection, and as words for C.
struct ScriptCall: Sendable {
    let script: RedisScript
    let keys: [String]
    let arguments: RedisArguments

    /// The words that our connection sends: of `FCALL` if the script is a function, else of `EVALSHA`.
    var words: [[UInt8]] {
        let function = script.function
        let command =
            function.map { script.call($0, keys: keys, arguments: arguments) }
            ?? script.call(keys: keys, arguments: arguments)
        return Self.split(command.parts)
    }

    /// The call that a ledger makes of an exchange.
    ///
    /// - Parameter now: the time that the script takes instead of Redis' own; 0: Redis' own.
    init(_ request: ExchangeRequest, in group: BudgetGroup, now: Microseconds = 0) {
        self.init(LedgerScript.exchange, in: group, now: now) { $0.append(request) }
    }

    /// The call that a ledger makes of a join.
    init(_ request: JoinRequest, in group: BudgetGroup) {
        self.init(LedgerScript.join, in: group, now: 0) { $0.append(request) }
    }

    private init(
        _ operation: LedgerScript, in group: BudgetGroup, now: Microseconds, _ append: (inout PackedRequest) -> Void
    ) {
        script = operation.script
        keys = [StoredForm.key(of: group)]
        var packed = PackedRequest(at: now, correlation: 1 << 51)
        append(&packed)
        var arguments = RedisArguments(capacity: packed.bytes.count + 16)
        arguments.append(packed.bytes)
        self.arguments = arguments
    }

    init(_ script: RedisScript, keys: [String] = [], arguments: [String] = []) {
        (self.script, self.keys) = (script, keys)
        var encoded = RedisArguments()
        for argument in arguments { encoded.append(argument) }
        self.arguments = encoded
    }

    /// Takes `$3\r\nabc\r\n…` apart.
    private static func split(_ arguments: RedisArguments) -> [[UInt8]] {
        var (words, rest): ([[UInt8]], ArraySlice<UInt8>) = ([], arguments.bytes[...])
        while let end = rest.firstIndex(of: 0x0D) {
            let length = rest[(rest.startIndex + 1)..<end].reduce(0) { $0 * 10 + Int($1) - 48 }
            words.append(Array(rest[(end + 2)..<(end + 2 + length)]))
            rest = rest[(end + 4 + length)...]
        }
        return words
    }
}
