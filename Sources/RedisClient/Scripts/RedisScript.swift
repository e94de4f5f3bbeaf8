// SPDX-License-Identifier: Apache-2.0

/// A Lua script, called by the digest of its text, so that the text travels only once; or as a function of a library,
/// if an operator has loaded that.
package struct RedisScript: Sendable, Hashable {
    package let source: [UInt8]
    /// The SHA-1 of the source, in 40 lower-case hexadecimal digits: Redis' name for the script.
    package let sha1: String
    /// The function that does the same. `nil` if there is none.
    package let function: RedisFunction?
    /// The kinds of the errors that the script itself answers with: the first words of their texts.
    let errorKinds: Set<Substring>
    /// `EVALSHA` and the digest, ready to be sent.
    private let callByDigest: [UInt8]

    package init(source: [UInt8], function: RedisFunction? = nil, errorKinds: Set<Substring> = []) {
        (self.source, self.function, self.errorKinds) = (source, function, errorKinds)
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

    /// The call that works if Redis has the library.
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

/// A function of a library that is kept in Redis: its text is read once, and what the library knows stays between the
/// calls.
package struct RedisFunction: Sendable, Hashable {
    /// A library of functions. Its name holds the digest of its text: another text is another library, and none is ever
    /// replaced.
    package struct Library: Sendable, Hashable {
        package let name: String
        /// `FUNCTION LOAD` and the text, ready to be sent.
        let load: RedisCommand

        /// - Parameters:
        ///   - prefix: What the name begins with: letters, digits and `_`.
        ///   - source: Lua that defines local functions.
        ///   - functions: Those that can be called from outside: the name there, and the function in the source.
        package init(prefix: String, source: String, functions: [String: String]) {
            let name = "\(prefix)_\(SHA1.hexadecimal(of: Array(source.utf8)).prefix(12))"
            let registrations = functions.sorted { $0.key < $1.key }.map {
                "redis.register_function('\(name)_\($0.key)', \($0.value))"
            }
            self.name = name
            load = RedisCommand(
                "FUNCTION", "LOAD", "#!lua name=\(name)\n\(source)\n\(registrations.joined(separator: "\n"))\n"
            ).expecting(.bulk)
        }
    }

    package let library: Library
    /// `FCALL` and the function's name, ready to be sent.
    let head: [UInt8]

    package init(_ name: String, of library: Library) {
        self.library = library
        var head: [UInt8] = []
        head.appendBulk("FCALL".utf8)
        head.appendBulk("\(library.name)_\(name)".utf8)
        self.head = head
    }
}

extension RedisConnection {
    /// Calls a script: as a function if the server has it, by its digest otherwise, and with its text if the server
    /// does not know that.
    ///
    /// A server that refuses the function, in whichever words, gets scripts from then on: see ``FunctionUse``. Nothing
    /// is loaded for others to see.
    ///
    /// - Parameters:
    ///   - expected: what the script answers.
    ///   - timeout: for each command that this takes: one as a rule, three if the server knows nothing of the script.
    ///   - isAsking: as in ``send(_:timeout:isAsking:)``.
    package func run(
        _ script: RedisScript, keys: [String], arguments: RedisArguments, expecting expected: ExpectedAnswer = .any,
        timeout: Duration? = nil, isAsking: Bool = false
    ) async throws(RedisError) -> RedisValue {
        let opening = opening
        if let function = script.function, functionUse.isTried(on: opening) {
            do {
                let call = script.call(function, keys: keys, arguments: arguments).expecting(expected)
                return try await send(call, timeout: timeout, isAsking: isAsking)
            } catch  where error.serverError?.refusesFunction(ownKinds: script.errorKinds) == true {
                let isMissing = error.serverError?.isUnknownFunction == true
                functionUse.wasRefused(on: opening, isMissing: isMissing)
            }
        }
        do {
            let call = script.call(keys: keys, arguments: arguments).expecting(expected)
            return try await send(call, timeout: timeout, isAsking: isAsking)
        } catch  where error.serverError?.isUnknownScript == true {
            let call = script.callWithSource(keys: keys, arguments: arguments).expecting(expected)
            return try await send(call, timeout: timeout, isAsking: isAsking)
        }
    }
}
