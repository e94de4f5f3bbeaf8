// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

@testable import HeadroomRedis

/// Replies of a real Redis to each of the ledger's scripts, for tests that change them.
struct RecordedReplies: Sendable {
    var join = RedisValue.null
    var exchange = RedisValue.null
    /// The account's own fields.
    var fields = RedisValue.null
    /// To an exchange that asked for one permit.
    var single = RedisValue.null
    /// To an exchange that asked for nothing.
    var idle = RedisValue.null
    /// What the exchange asked for.
    let wants = [
        Want(count: 4), Want(tenant: Tenant("ab123"), count: 2), Want(priority: .background, count: 500),
    ]

    static func record() async throws -> RecordedReplies {
        let bench = try FaultBench()
        var replies = RecordedReplies()
        let account = try Account(try bench.ledger())
        let tenant = try #require(Tenant("ab123"))
        try await account.join()
        replies.join = try last(bench)
        try await account.exchange { $0.settlements = [Settlement(tenant: tenant, spent: 3, accepted: 3)] }
        try await account.exchange { $0.wants = replies.wants }
        replies.exchange = try last(bench)
        try await account.exchange { $0.wants = [Want(count: 1)] }
        replies.single = try last(bench)
        try await account.exchange { _ in }
        replies.idle = try last(bench)
        var command = RedisCommand("HMGET", StoredForm.key(of: account.group))
        for field in StoredAccount.groupFields { command.append(field) }
        replies.fields = try await connection(bench.server).send(command)
        return replies
    }

    private static func last(_ bench: FaultBench) throws -> RedisValue {
        let bytes = try #require(bench.proxy.answered.last?.reply)
        var reader = try SocketPairReader()
        reader.send(bytes)
        return try #require(try reader.next())
    }
}
