// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport
package import RedisClient

/// A connection with short pauses, to a server or an address.
package func connection(
    _ server: RedisTestServer, _ change: (inout RedisConnectionOptions) -> Void = { _ in }
) throws -> RedisConnection {
    try connection(server.address, change)
}

package func connection(
    _ address: String, _ change: (inout RedisConnectionOptions) -> Void = { _ in }
) throws -> RedisConnection {
    var options = RedisConnectionOptions(address: try RedisAddress(address))
    options.minimumBackoff = .milliseconds(2)
    options.maximumBackoff = .milliseconds(20)
    // What is slow is not lost; a test that is about time sets its own.
    (options.commandTimeout, options.connectTimeout) = (.seconds(60), .seconds(60))
    options.maximumSilence = .seconds(60)
    change(&options)
    return RedisConnection(options: options)
}

/// A number that several tasks count.
package final class Counter: Sendable {
    private let count = Mutex(0)
    package init() {}
    package var value: Int { count.withLock { $0 } }
    package func add(_ number: Int = 1) { count.withLock { $0 += number } }
}

/// Whether a text comes back as it went.
package func echoes(_ redis: RedisConnection, _ text: String) async -> Bool {
    (try? await redis.send(RedisCommand("ECHO", text))) == .bulk(Array(text.utf8))
}

/// The error that the body throws. `nil` if it throws none.
package func failure(_ body: () async throws -> RedisValue) async -> RedisError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? RedisError
    }
}

/// Whether a condition comes true; asks again and again, and gives up when only what is broken has not come about yet.
package func eventually(_ condition: () async -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return false
}
