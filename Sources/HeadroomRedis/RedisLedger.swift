// SPDX-License-Identifier: Apache-2.0

public import Headroom
import HeadroomSupport
public import Logging
package import RedisClient

import struct Synchronization.Atomic

/// The shared account in Redis: what makes many processes one.
///
/// Every operation is one Lua script and one round trip, over one pipelined connection with a thread of its own (one
/// for each node of a Redis Cluster). A group's account is one key, the hash `headroom:2:{group}`, with a time to live:
/// it is there as a whole, or not at all. Safe to share between coordinators and tasks; the connections end with the
/// last reference.
package final class RedisLedger: LedgerStore {
    private let router: RedisRouter
    let clock: (@Sendable () -> Microseconds)?
    private let correlations = CorrelationIDs()
    private let trouble = Mutex(OncePerMinute())
    private let memoryPolicies = MemoryPolicyWatch()

    /// Connects to the Redis at an address, as `Ledger.redis(_:clientName:timeout:logger:)` says.
    package convenience init(
        _ address: String, clientName: String = "headroom", timeout: Duration = .seconds(1),
        logger: Logger = .silent
    ) throws(RateLimitError) {
        do {
            self.init(try RedisAddress(address), clientName: clientName, timeout: timeout, logger: logger)
        } catch {
            throw RateLimitError(error)
        }
    }

    package convenience init(
        _ address: RedisAddress, clientName: String = "headroom", timeout: Duration = .seconds(1),
        logger: Logger = .silent
    ) {
        var options = RedisConnectionOptions(address: address, logger: logger)
        options.clientName = clientName
        options.commandTimeout = timeout
        options.threadPrefix = "headroom-"
        self.init(RedisRouter(options: options))
    }

    /// - Parameter clock: The time that the scripts take instead of Redis' own: for tests that simulate time.
    package convenience init(_ connection: RedisConnection, clock: (@Sendable () -> Microseconds)? = nil) {
        self.init(RedisRouter(connection), clock: clock)
    }

    package init(_ router: RedisRouter, clock: (@Sendable () -> Microseconds)? = nil) {
        (self.router, self.clock) = (router, clock)
    }

    package func join(_ request: JoinRequest, in group: BudgetGroup) async throws(LedgerError) -> JoinReply {
        try request.validate()
        let reply = try JoinReply(decoding: await run(.join, in: group) { $0.append(request) })
        memoryPolicies.look(at: router)
        return reply
    }

    package func exchange(_ request: ExchangeRequest, in group: BudgetGroup) async throws(LedgerError) -> ExchangeReply
    {
        try request.validate()
        return try ExchangeReply(
            decoding: await run(.exchange, in: group) { $0.append(request) }, wants: request.wants)
    }

    package func hold(for span: Duration?, in group: BudgetGroup) async throws(LedgerError) {
        _ = try await run(.hold, in: group) {
            $0.append(min(max(0, span?.microseconds ?? 0), Rules.holdMaximum))
        }
    }

    private func run(
        _ script: LedgerScript, in group: BudgetGroup, _ append: (inout PackedRequest) -> Void
    ) async throws(LedgerError) -> RedisValue {
        let correlation = correlations.next()
        var packed = PackedRequest(at: clock?() ?? 0, correlation: correlation)
        append(&packed)
        var arguments = RedisArguments(capacity: packed.bytes.count + 16)
        arguments.append(packed.bytes)
        do {
            return try await router.run(
                script.script, keys: [StoredForm.key(of: group)], arguments: arguments,
                expecting: .correlated(correlation))
        } catch {
            throw logged(LedgerError(error))
        }
    }

    /// Sends a command that reads the group's account.
    func send(_ command: RedisCommand, in group: BudgetGroup) async throws(LedgerError) -> RedisValue {
        do {
            return try await router.send(command, key: StoredForm.key(of: group))
        } catch {
            throw logged(LedgerError(error, ofKey: StoredForm.key(of: group)))
        }
    }

    /// Logs an error that lasts until somebody does something about it: at its first time, and once a minute.
    private func logged(_ error: LedgerError) -> LedgerError {
        guard error.isLasting else { return error }
        if trouble.withLock({ $0.isDue(now: MonotonicTime.now()) }) {
            router.options.logger.error("The account cannot be used", metadata: ["reason": "\(error.message)"])
        }
        return error
    }
}

extension Ledger {
    /// The account in the Redis at an address.
    ///
    /// Connecting goes on in the background, with backoff, for as long as the ledger lives. Every operation is one
    /// round trip over one pipelined connection with a thread of its own (one for each node of a Redis Cluster), which
    /// all share that share the ledger.
    ///
    /// An address has one of these forms; what stands in brackets may be left out:
    /// - `redis://[[user]:password@]host[:port][/db]`, one server. If it is a node of a Redis Cluster, its
    ///   redirections are followed.
    /// - `unix://[[user]:password@]/path/to/socket[?db=1]`.
    /// - `redis+sentinel://[[user]:password@]host[:port][,host[:port]…]/service[/db]`, the master that these
    ///   sentinels name. They are asked at every connection, so that a failover is followed; other sentinels are
    ///   learned from them. A login of the sentinels' own is `?sentinel-user=…&sentinel-password=…`.
    /// - `redis+cluster://[[user]:password@]host[:port][,host[:port]…]`, a Redis Cluster, by any of its nodes.
    /// - The same with `valkey` in place of `redis`.
    /// - The same with TLS: `rediss://`, `rediss+sentinel://`, `rediss+cluster://`, which need the package's trait
    ///   `TLS`. Their parameters besides are `cacert=/path` (the trusted authorities' certificates; default: the
    ///   system's), `cert=/path&key=/path` (a certificate of one's own) and `server-name=host` (the name that the
    ///   server's certificate has to be for; default: the host connected to).
    ///
    /// User, password, service and parameters are percent-encoded.
    ///
    /// - Parameters:
    ///   - address: Where Redis is.
    ///   - clientName: What `CLIENT LIST` shows. Default: `headroom`.
    ///   - timeout: The longest wait for an answer. Default: 1 s.
    ///   - logger: Where losses and recoveries of the connection are logged. Default: nowhere.
    /// - Throws: `RateLimitError` with the code `invalidAddress`, which says what is wrong with the address, never
    ///   with its password.
    public static func redis(
        _ address: String, clientName: String = "headroom", timeout: Duration = .seconds(1),
        logger: Logger = Logger(label: "headroom.redis", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws(RateLimitError) -> Ledger {
        Ledger(try RedisLedger(address, clientName: clientName, timeout: timeout, logger: logger))
    }
}

/// Numbers that name the calls of one ledger, so that an answer can say which call it is for.
///
/// The numbers of one ledger follow each other from a random beginning: those of another process differ, should its
/// answers ever come here.
private struct CorrelationIDs: ~Copyable, Sendable {
    private let count = Atomic(UInt64.random(in: 0...Self.largest))

    /// Lua's numbers are doubles: exact up to 2^53.
    private static let largest: UInt64 = 1 << 52 - 1

    /// The next number, 0..<2^52.
    borrowing func next() -> Int64 {
        Int64(count.wrappingAdd(1, ordering: .relaxed).oldValue & Self.largest)
    }
}
