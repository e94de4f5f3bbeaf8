// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Headroom
import HeadroomRedis
import Logging
import RedisClient

/// The needs of all benchmarks: a Redis of their own, and how thorough to be.
struct Bench: Sendable {
    /// The socket file of Redis.
    let socket: String
    /// The port of 127.0.0.1 on which the same Redis listens.
    let port: Int
    let admin: RedisAdmin
    let isQuick: Bool

    /// The socket file, as an address.
    var address: RedisAddress { RedisAddress(.unix(path: socket)) }
    /// The port, as an address.
    var network: RedisAddress { RedisAddress(.tcp(host: "127.0.0.1", port: port)) }

    /// A number for a run that is thorough, or quick.
    func pick<Value>(_ thorough: Value, quick: Value) -> Value { isQuick ? quick : thorough }

    /// Says on standard error what goes on.
    func say(_ text: String) { StandardError.write("  \(text)\n") }

    /// A connection of its own.
    func connect(_ address: RedisAddress) -> RedisConnection {
        var options = RedisConnectionOptions(address: address)
        options.commandTimeout = .seconds(30)
        return RedisConnection(options: options)
    }

    /// A logger that says nothing.
    static let noLog = Logger(label: "headroom.bench", factory: { _ in SwiftLogNoOpLogHandler() })
}
