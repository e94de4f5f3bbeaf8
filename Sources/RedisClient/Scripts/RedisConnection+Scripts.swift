// SPDX-License-Identifier: Apache-2.0

import Synchronization

extension RedisConnection {
    /// Calls a script: as a function if the server has functions, by its digest otherwise. What Redis does not know yet
    /// is loaded first.
    ///
    /// - Parameters:
    ///   - expected: what the script answers.
    ///   - timeout: for each command that this takes: one as a rule, three if a library has to be loaded.
    ///   - isAsking: as in ``send(_:timeout:isAsking:)``.
    package func run(
        _ script: RedisScript, keys: [String], arguments: RedisArguments, expecting expected: ExpectedAnswer = .any,
        timeout: Duration? = nil, isAsking: Bool = false
    ) async throws(RedisError) -> RedisValue {
        if let function = script.function, !lacksFunctions.load(ordering: .relaxed) {
            do {
                let call = script.call(function, keys: keys, arguments: arguments).expecting(expected)
                return try await send(call, loading: function.library, timeout: timeout, isAsking: isAsking)
            } catch  where error.serverError?.forbidsFunctions == true {
                lacksFunctions.store(true, ordering: .relaxed)
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

    /// Calls a function, and once more after its library was loaded if Redis does not have it.
    private func send(
        _ call: RedisCommand, loading library: RedisFunction.Library, timeout: Duration?, isAsking: Bool
    ) async throws(RedisError) -> RedisValue {
        do {
            return try await send(call, timeout: timeout, isAsking: isAsking)
        } catch  where error.serverError?.isUnknownFunction == true {
            do {
                _ = try await send(library.load, timeout: timeout)
            } catch  where error.serverError?.isKnownLibrary == true {}
            return try await send(call, timeout: timeout, isAsking: isAsking)
        }
    }
}
