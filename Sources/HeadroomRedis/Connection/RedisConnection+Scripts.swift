// SPDX-License-Identifier: Apache-2.0

import Synchronization

extension RedisConnection {
    /// Calls a script: as a function where the server has functions, by its digest elsewhere; what Redis does not know
    /// is told to it.
    ///
    /// - Parameters:
    ///   - expected: what the script answers.
    ///   - timeout: for each command that this takes: one as a rule, three where a library has to be loaded.
    ///   - isAsking: as in ``send(_:timeout:isAsking:)``.
    package func run(
        _ script: RedisScript, keys: [String], arguments: RedisArguments, expecting expected: ExpectedAnswer = .any,
        timeout: Duration? = nil, isAsking: Bool = false
    ) async throws(RedisError) -> RedisValue {
        if let function = script.function, !lacksFunctions.load(ordering: .relaxed) {
            do {
                let call = script.call(function, keys: keys, arguments: arguments).expecting(expected)
                return try await send(call, loading: function.library, timeout: timeout, isAsking: isAsking)
            } catch  where RedisFunction.isForbidden(error) {
                lacksFunctions.store(true, ordering: .relaxed)
            }
        }
        do {
            let call = script.call(keys: keys, arguments: arguments).expecting(expected)
            return try await send(call, timeout: timeout, isAsking: isAsking)
        } catch  where error.code == .refused && error.message.hasPrefix("NOSCRIPT") {
            let call = script.callWithSource(keys: keys, arguments: arguments).expecting(expected)
            return try await send(call, timeout: timeout, isAsking: isAsking)
        }
    }

    /// Calls a function, and once more after its library was loaded where Redis does not have it.
    private func send(
        _ call: RedisCommand, loading library: RedisFunction.Library, timeout: Duration?, isAsking: Bool
    ) async throws(RedisError) -> RedisValue {
        do {
            return try await send(call, timeout: timeout, isAsking: isAsking)
        } catch  where RedisFunction.isMissing(error) {
            do {
                _ = try await send(library.load, timeout: timeout)
            } catch  where RedisFunction.isLoaded(error) {}
            return try await send(call, timeout: timeout, isAsking: isAsking)
        }
    }
}
