// SPDX-License-Identifier: Apache-2.0

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
    options.commandTimeout = .seconds(10)
    change(&options)
    return RedisConnection(options: options)
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

/// Whether a condition comes true within some seconds; asks again and again.
package func eventually(within patience: Duration = .seconds(15), _ condition: () async -> Bool) async -> Bool {
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return false
}
