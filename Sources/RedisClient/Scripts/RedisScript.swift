// SPDX-License-Identifier: Apache-2.0

/// A Lua script, called by the digest of its text, so that the text travels only once; or as a function of a library,
/// if the server has functions.
package struct RedisScript: Sendable, Hashable {
    package let source: [UInt8]
    /// The SHA-1 of the source, in 40 lower-case hexadecimal digits: Redis' name for the script.
    package let sha1: String
    /// The function that does the same. `nil` if there is none.
    package let function: RedisFunction?
    /// `EVALSHA` and the digest, ready to be sent.
    private let callByDigest: [UInt8]

    package init(source: [UInt8], function: RedisFunction? = nil) {
        (self.source, self.function) = (source, function)
        sha1 = SHA1.hexadecimal(of: source)
        var call: [UInt8] = []
        call.appendBulk("EVALSHA".utf8)
        call.appendBulk(sha1.utf8)
        callByDigest = call
    }

    /// The call that works once Redis knows the script.
    package func call(keys: [String], arguments: RedisArguments) -> RedisCommand {
        call(callByDigest, keys, arguments)
    }

    /// The call that works once Redis has the library.
    package func call(_ function: RedisFunction, keys: [String], arguments: RedisArguments) -> RedisCommand {
        call(function.head, keys, arguments)
    }

    private func call(_ head: [UInt8], _ keys: [String], _ arguments: RedisArguments) -> RedisCommand {
        var parts = RedisArguments(capacity: capacity(head.count, keys, arguments))
        parts.append(encoded: head, count: 2)
        return Self.complete(&parts, keys, arguments)
    }

    /// The call that carries the source, for a Redis that does not know the script. It knows it afterwards.
    func callWithSource(keys: [String], arguments: RedisArguments) -> RedisCommand {
        var parts = RedisArguments(capacity: capacity(source.count + 32, keys, arguments))
        parts.append("EVAL")
        parts.append(source)
        return Self.complete(&parts, keys, arguments)
    }

    private func capacity(_ head: Int, _ keys: [String], _ arguments: RedisArguments) -> Int {
        keys.reduce(head + 16 + arguments.bytes.count) { $0 + $1.utf8.count + 16 }
    }

    private static func complete(
        _ parts: inout RedisArguments, _ keys: [String], _ arguments: RedisArguments
    ) -> RedisCommand {
        parts.append(integer: Int64(keys.count))
        for key in keys { parts.append(key) }
        parts.append(arguments)
        return RedisCommand(parts)
    }
}
