// SPDX-License-Identifier: Apache-2.0

public import Headroom
import HeadroomSupport
public import Logging

/// The shared account in Redis: what makes many processes one.
///
/// Every operation is one Lua script and one round trip, over one pipelined connection with a thread of its own (one
/// for each node in a Redis Cluster). Keys begin with `headroom:1:{group}:`, have a time to live, and share a hash tag,
/// so that a group lives on one master. Safe to share between coordinators and tasks; the connections end with the last
/// reference.
public final class RedisLedger: Ledger {
    private let router: RedisRouter
    private let clock: (@Sendable () -> Microseconds)?
    private let correlations = CorrelationIDs()
    private let trouble = Mutex(OncePerMinute())

    /// Connects to the Redis at an address; connecting goes on in the background, with backoff, for as long as the
    /// ledger lives.
    ///
    /// - Parameters:
    ///   - address: Where Redis is.
    ///   - clientName: What `CLIENT LIST` shows. Default: `headroom`.
    ///   - timeout: The longest wait for an answer. Default: 1 s.
    ///   - logger: Where losses and recoveries of the connection are told. Default: nowhere.
    public convenience init(
        _ address: RedisAddress, clientName: String = "headroom", timeout: Duration = .seconds(1),
        logger: Logger = Logger(label: "headroom.redis", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        var options = RedisConnectionOptions(address: address, logger: logger)
        options.clientName = clientName
        options.commandTimeout = timeout
        self.init(RedisRouter(options: options))
    }

    /// - Parameter clock: The time that the scripts take instead of Redis' own: for tests that simulate time.
    package convenience init(_ connection: RedisConnection, clock: (@Sendable () -> Microseconds)? = nil) {
        self.init(RedisRouter(connection), clock: clock)
    }

    package init(_ router: RedisRouter, clock: (@Sendable () -> Microseconds)? = nil) {
        (self.router, self.clock) = (router, clock)
    }

    public func join(_ request: JoinRequest, in group: BudgetGroup) async throws(LedgerError) -> JoinReply {
        try request.validate()
        return try JoinReply(decoding: await run(.join, in: group) { $0.append(request) })
    }

    public func exchange(_ request: ExchangeRequest, in group: BudgetGroup) async throws(LedgerError) -> ExchangeReply {
        try request.validate()
        return try ExchangeReply(
            decoding: await run(.exchange, in: group) { $0.append(request) }, wants: request.wants)
    }

    public func status(tenants: [Tenant], in group: BudgetGroup) async throws(LedgerError) -> LedgerStatus? {
        let reply = try await run(.status, in: group) { packed in
            packed.append(list: tenants) { $0.append($1) }
        }
        return try LedgerStatus.decode(reply)
    }

    public func hold(for span: Duration?, in group: BudgetGroup) async throws(LedgerError) {
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
                script.script, keys: ["headroom:1:{\(group.name)}:state"], arguments: arguments,
                expecting: .correlated(correlation))
        } catch {
            throw told(LedgerError(error))
        }
    }

    /// Writes an error to the log that lasts until somebody does something about it: at its first time, and once a
    /// minute.
    private func told(_ error: LedgerError) -> LedgerError {
        guard error.code == .unreadable || error.code == .unknownVersion else { return error }
        if trouble.withLock({ $0.isDue(now: MonotonicTime.now()) }) {
            router.options.logger.error("The account cannot be used", metadata: ["reason": "\(error.message)"])
        }
        return error
    }
}

extension Ledger where Self == RedisLedger {
    /// The account in the Redis at an address.
    ///
    /// - Parameter address: One of these, with the parts in brackets left out where they are not needed:
    ///   - `redis://[user:password@]host:port[/db]`, one server. Where it is a node of a Redis Cluster, its
    ///     redirections are followed.
    ///   - `unix:///path/to/socket[?db=1]`.
    ///   - `redis+sentinel://[user:password@]host:port[,host:port…]/service[/db]`, the master that these sentinels
    ///     name. They are asked at every connection, so that a failover is followed; other sentinels are learned from
    ///     them. A login of the sentinels' own is `?sentinel-user=…&sentinel-password=…`.
    ///   - `redis+cluster://[user:password@]host:port[,host:port…]`, a Redis Cluster, by any of its nodes.
    ///   - The same with TLS: `rediss://`, `rediss+sentinel://`, `rediss+cluster://`, and the parameters `cacert`,
    ///     `cert`, `key` and `server-name` (see ``RedisAddress``). It needs the package's trait `TLS`.
    /// - Throws: ``RedisAddressError``, which says what is wrong with the address, never with its password.
    public static func redis(_ address: String) throws(RedisAddressError) -> RedisLedger {
        RedisLedger(try RedisAddress(address))
    }
}

extension LedgerError {
    init(_ error: RedisError) {
        if error.code == .refused, error.message.hasPrefix("VERSION ") {
            self.init(.unknownVersion, String(error.message.dropFirst(8)))
        } else if error.code == .refused, error.message.hasPrefix("UNREADABLE ") {
            self.init(.unreadable, String(error.message.dropFirst(11)))
        } else if error.code == .refused, let rejection = RedisRefusal(error.message) {
            self.init(.unavailable, "\(error.description) (\(rejection.advice))")
        } else if error.code == .refused, RedisRefusal.isOfCommandInScript(error.message) {
            self.init(.lost, "\(error.description) (\(RedisRefusal.rights))")
        } else {
            self.init(error.mayHaveRun ? .lost : .unavailable, error.description)
        }
    }
}
