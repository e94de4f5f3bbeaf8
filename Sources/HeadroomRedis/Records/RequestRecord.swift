// SPDX-License-Identifier: Apache-2.0

import Headroom

/// A piece of a request: texts and numbers in an order that Swift packs and Lua's `take…()` reads.
struct RequestRecord<Value>: Sendable {
    enum Field: Sendable {
        case number(String, @Sendable (Value) -> Int64)
        case text(String, @Sendable (Value) -> String)

        var name: String {
            switch self {
            case .number(let name, _), .text(let name, _): name
            }
        }
        /// As Lua's `struct` writes it: a double, or a text up to its zero.
        var form: String {
            switch self {
            case .number: "d"
            case .text: "s"
            }
        }
    }

    let name: String
    let fields: [Field]

    init(_ name: String, _ fields: [Field]) { (self.name, self.fields) = (name, fields) }

    func append(_ value: Value, to request: inout PackedRequest) {
        for field in fields {
            switch field {
            case .number(_, let number): request.append(number(value))
            case .text(_, let text): request.append(text(value))
            }
        }
    }

    /// Lua's `take…()`, which returns the fields and moves on in the request.
    var lua: String {
        let names = fields.map(\.name).joined(separator: ", ")
        return """
            local function take\(name)()
            local \(names)
            \(names), at = read('<\(fields.map(\.form).joined())', request, at)
            return \(names)
            end
            """
    }
}

/// The pieces that requests are made of. -1 stands for an unknown number, an empty name for calls without a tenant and
/// for the product's budget.
enum RequestRecords {
    static let exchange = RequestRecord<ExchangeRequest>(
        "Exchange",
        [
            .number("epoch") { $0.epoch },
            .number("sequence") { $0.sequence },
            .number("jitter") { Int64($0.jitter) },
            .number("isLast") { $0.isLast ? 1 : 0 },
            .number("inPool") { Int64($0.pooled) },
            .number("settlements") { Int64($0.settlements.count) },
            .number("observations") { Int64($0.observations.count) },
            .number("rejections") { Int64($0.rejections.count) },
            .number("wants") { Int64($0.wants.count) },
            .text("id") { $0.instance.text },
        ])
    static let settlement = RequestRecord<Settlement>(
        "Settlement",
        [
            .text("tenant") { $0.tenant?.name ?? "" },
            .number("spent") { Int64($0.spent) },
            .number("accepted") { Int64($0.accepted) },
            .number("unused") { Int64($0.unused) },
        ])
    static let observation = RequestRecord<Observation>(
        "Observation",
        [
            .text("scope") { $0.limit.scope.packedName },
            .text("name") { $0.limit.name.text },
            .number("kind") { $0.window?.packedKind ?? 0 },
            .number("window") { $0.window?.packedSpan ?? 0 },
            .number("capacity") { Int64($0.capacity) },
            .number("used") { $0.used.map(Int64.init) ?? -1 },
            .number("mark") { $0.mark ?? -1 },
            .number("expiry") { $0.expiry ?? -1 },
            .number("date") { $0.date ?? -1 },
            .number("age") { $0.age },
        ])
    static let rejection = RequestRecord<RejectionReport>(
        "Rejection",
        [
            .text("scope") { $0.limit.scope.packedName },
            .text("name") { $0.limit.name.text },
            .number("count") { Int64($0.count) },
            .number("mark") { $0.mark ?? -1 },
            .number("retryAfter") { $0.retryAfter },
        ])
    static let want = RequestRecord<Want>(
        "Want",
        [
            .text("tenant") { $0.tenant?.name ?? "" },
            .number("priority") { Int64($0.priority.rank) },
            .number("count") { Int64($0.count) },
        ])
    /// The plan's limits and the permits follow, and the history last.
    static let join = RequestRecord<JoinRequest>(
        "Join",
        [
            .text("id") { $0.instance.text },
            .number("weight") { Int64($0.weight) },
            .number("proposedEpoch") { $0.proposedEpoch },
            .number("knownEpoch") { $0.knownEpoch },
            .number("sequence") { $0.sequence },
            .number("isInFallback") { $0.isInFallback ? 1 : 0 },
            .number("timeToLive") { $0.settings.timeToLive.microseconds },
            .number("tolerance") { Int64($0.settings.tolerance) },
            .number("backgroundFloor") { Int64($0.settings.floors.background) },
            .number("normalFloor") { Int64($0.settings.floors.normal) },
        ])
    static let limit = RequestRecord<Limit>(
        "Limit",
        [
            .text("name") { $0.name.text },
            .number("kind") { $0.window.packedKind },
            .number("window") { $0.window.packedSpan },
            .number("capacity") { Int64($0.capacity) },
            .number("ceiling") { Int64($0.ceiling ?? 0) },
        ])
    static let tenantPermits = RequestRecord<TenantPermits>(
        "TenantPermits", [.text("tenant") { $0.tenant?.name ?? "" }, .number("count") { Int64($0.count) }])
    static let spentCalls = RequestRecord<SpentCalls>(
        "SpentCalls",
        [
            .text("tenant") { $0.tenant?.name ?? "" },
            .number("age") { $0.age },
            .number("count") { Int64($0.count) },
            .number("report") { $0.report },
        ])

    /// Lua's functions for what every operation needs, and for what an exchange or a join needs besides.
    static let lua = limit.lua
    static let luaOfExchange = [exchange.lua, settlement.lua, observation.lua, rejection.lua, want.lua]
        .joined(separator: "\n")
    static let luaOfJoin = [join.lua, tenantPermits.lua, spentCalls.lua].joined(separator: "\n")
}

extension BudgetScope {
    /// A tenant's name; empty for the product.
    var packedName: String {
        switch self {
        case .product: ""
        case .tenant(let tenant): tenant.name
        }
    }
}

extension Limit.Window {
    var packedKind: Int64 {
        switch self {
        case .rolling: LimitAccount.Kind.rolling.rawValue
        case .day: LimitAccount.Kind.day.rawValue
        case .paced: LimitAccount.Kind.paced.rawValue
        }
    }

    /// The window's length in microseconds.
    var packedSpan: Int64 { span.microseconds }
}
