// SPDX-License-Identifier: Apache-2.0

import Headroom

/// The records that the account's hash is made of. Their names and fields are Lua's as well; what they mean is said
/// where the account is, in ``Headroom/GroupAccount`` and the types beside it.
///
/// Records that change together stand in one field of the hash, so that an exchange writes little.
enum AccountRecords {
    // MARK: The group

    /// What changes if a plan or an operator says so, or an instance comes or goes.
    static let settings = PackedRecord<GroupAccount>(
        "Settings",
        [
            .number("timeToLive", .time, \.storedTimeToLive),
            .number("tolerance", .count, \.storedTolerance),
            .number("backgroundFloor", .perMille, \.storedBackgroundFloor),
            .number("normalFloor", .perMille, \.storedNormalFloor),
            .luaOnly("tenantIdle", .time),
            .luaOnly("keep", .time),
            .number("revision", .count, \.revision),
            .number("holdUntil", .time, \.holdUntil),
            .luaOnly("alive", .count),
            .luaOnly("instancePieces", .count),
            .luaOnly("instancePiece", .count),
            .luaOnly("tenantPieces", .count),
            .luaOnly("tenantPiece", .count),
            .luaOnly("expiredCount", .sum),
        ])
    /// What every operation changes. The call's number makes it differ from any other state of the account.
    static let clock = PackedRecord<GroupAccount>(
        "Clock", [.number("now", .time, \.now), .luaOnly("call", .smallCount)])
    /// Who wants what: behind the counts of the limits.
    static let turns = PackedRecord<GroupAccount>(
        "Turns",
        [
            .number("demand", .count, \.demand),
            .number("queue.last", .signedTime, \.queue.last),
            .number("queue.delay", .signedTime, \.queue.delay),
            .number("urgent", .sum, \.urgent),
        ])
    /// What the search for expired instances finds, once a second, and by how much the account's time is ahead of a
    /// clock that was stepped back. Most searches find what the one before did.
    static let sweep = PackedRecord<GroupAccount>(
        "Sweep",
        [
            .number("members", .count, \.members),
            .number("suspects", .count, \.suspects),
            .number("departed", .count, \.departed),
            .number("departedAt", .time, \.departedAt),
            .flag("hasMoreExpired", \.hasMoreExpired),
            .luaOnly("keptAt", .time),
            .luaOnly("tenantSwept", .count),
            .number("ahead", .time, \.storedAhead),
        ])

    // MARK: A budget

    static let budget = PackedRecord<BudgetAccount>(
        "Budget",
        [
            .number("touched", .time, \.touched),
            .number("revision", .count, \.revision),
            .flag("isLearned", \.isLearned),
            .number("probes", .sum, \.probes),
            .number("learnsAt", .time, \.learnsAt),
        ])
    static let permits = PackedRecord<BudgetAccount>(
        "Permits", [.number("outstanding", .sum, \.outstanding), .number("grantedAt", .time, \.grantedAt)])

    // MARK: A limit

    /// Stands behind the limit's name, kind and window.
    static let capacity = PackedRecord<LimitAccount>(
        "Capacity",
        [
            .number("configured", .count, \.configured),
            .number("capacity", .count, \.capacity),
            .number("ceiling", .count, \.ceiling),
            .number("candidate", .count, \.candidate),
            .number("candidates", .byte, \.candidates),
        ])
    static let pauses = PackedRecord<LimitAccount>(
        "Pauses", [],
        parts: [
            PackedRecord.Part(.number("cushion", .time, \.cushion)),
            PackedRecord.Part(.number("pausedUntil", .time, \.pausedUntil), .number("pauses", .count, \.pauses)),
            PackedRecord.Part(.number("resetsAt", .time, \.resetsAt)),
        ])
    static let rollingCount = PackedRecord<LimitAccount>(
        "RollingCount",
        [
            .number("spent", .sum, \.spent),
            .number("current", .count, \.current),
            .number("subWindow", .time, \.subWindow),
            .luaOnly("kept", .smallCount),
        ])
    static let dailyCount = PackedRecord<LimitAccount>("DailyCount", [.number("spent", .sum, \.spent)])
    static let pacedCount = PackedRecord<LimitAccount>(
        "PacedCount", [.number("next", .time, \.next), .number("nextNanos", .perMille, \.nextNanos)])
    static let rollingSeen = PackedRecord<LimitAccount>(
        "RollingSeen", drift, parts: [smaller, PackedRecord.Part(.number("strangersAt", .time, \.strangersAt))])
    static let dailySeen = PackedRecord<LimitAccount>(
        "DailySeen", drift + [.number("markSeen", .sum, \.markSeen)], parts: [smaller])

    private static let drift: [PackedRecord<LimitAccount>.Field] = [
        .number("drift", .difference, \.drift),
        .number("driftAt", .time, \.driftAt),
        .number("usedSeen", .sum, \.usedSeen),
        .number("seenAt", .time, \.seenAt),
    ]
    private static let smaller = PackedRecord<LimitAccount>.Part(
        .number("lowSince", .time, \.lowSince), .number("lowest", .difference, \.lowest))

    // MARK: An instance

    /// The instance's permits by tenant and the grants of its last exchange follow.
    static let instance = PackedRecord<InstanceAccount>(
        "InstanceRecord",
        [
            .number("renewed", .signedTime, \.renewed),
            .number("sequence", .time, \.sequence),
            .number("weight", .byte, \.weight),
            .luaOnly("piece", .smallCount),
        ],
        parts: [
            PackedRecord.Part(.flag("isWanting", \.isWanting)),
            PackedRecord.Part(.number("startTag", .signedTime, \.startTag)),
            PackedRecord.Part(.number("urgent", .sum, \.urgent)),
            PackedRecord.Part(.flag("hasReplied")),
            PackedRecord.Part(
                .luaOnly("repliedWants", .perMille), .number("repliedRevision", .count, \.repliedRevision)),
            PackedRecord.Part(.luaOnly("scopes", .perMille)),
        ])

    /// Lua's functions for all of them.
    static let lua =
        (["local records = {}"] + [
            settings.lua, clock.lua, turns.lua, sweep.lua, budget.lua, permits.lua, capacity.lua, pauses.lua,
            rollingCount.lua, dailyCount.lua, pacedCount.lua, rollingSeen.lua, dailySeen.lua, instance.lua,
        ]).joined(separator: "\n")
}
