// SPDX-License-Identifier: Apache-2.0

extension VendorConfiguration {
    /// Applies a limit written as `NAME=CAPACITY`, `NAME=CAPACITY/WINDOW` or `NAME=off`: `throttle=1500/60s`.
    ///
    /// - Throws: ``SimulatorError`` if the text is none of them, or out of range.
    package mutating func apply(limit text: String) throws(SimulatorError) {
        let (name, value) = try OptionText.pair(text, of: "limit", like: "throttle=1500/60s or spike=off")
        let policy = try OptionText.policy(name)
        guard value != "off" else { return turnOff(policy) }
        let parts = value.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, let capacity = Int(first), parts.count <= 2 else {
            throw SimulatorError(
                "limit '\(text)' has no capacity; write it like throttle=1500/60s, quota=60 or spike=off")
        }
        let window: Duration? = parts.count == 2 ? try OptionText.duration(parts[1]) : nil
        switch policy {
        case .spike:
            spike = try SpikeLimit(
                checking: capacity, per: window ?? spike?.window ?? .seconds(1), policy: spike?.policy ?? .sliding)
        case .throttle: throttle = try Self.changed(throttle, capacity, window, .keapMinute)
        case .quota: quota = try Self.changed(quota, capacity, window, .keapDay)
        case .tenantThrottle: tenantThrottle = try Self.changed(tenantThrottle, capacity, window, .keapMinute)
        case .tenantQuota: tenantQuota = try Self.changed(tenantQuota, capacity, window, .keapDay)
        }
    }

    /// Applies calls counted before the start, written as `NAME=COUNT`: `quota=149940`.
    ///
    /// - Throws: ``SimulatorError`` if the text is something else; the spike has no such count.
    package mutating func apply(used text: String) throws(SimulatorError) {
        let (name, value) = try OptionText.pair(text, of: "used", like: "throttle=1200")
        let policy = try OptionText.policy(name)
        guard policy != .spike else {
            throw SimulatorError("used '\(text)': the spike keeps no count from before the start; name another limit")
        }
        guard let count = Int(value), (0...10_000_000).contains(count) else {
            throw SimulatorError("used '\(text)': '\(value)' is not in 0...10000000; write it like throttle=1200")
        }
        used[policy] = count
    }

    /// Applies a spike policy: `sliding`, `smoothing`, `divided:4`, `divided:4:sliding` or `off`.
    ///
    /// - Throws: ``SimulatorError`` if the text is none of them.
    package mutating func apply(spikePolicy text: String) throws(SimulatorError) {
        guard text != "off" else { return turnOff(.spike) }
        let policy = try SpikeLimit.Policy(text)
        spike = try spike?.enforced(by: policy)
    }

    /// Applies the order of the policies, their names separated by commas. Each is named once; what is left out stands
    /// last.
    ///
    /// - Throws: ``SimulatorError`` if a name is unknown, or there twice.
    package mutating func apply(order text: String) throws(SimulatorError) {
        var named: [Policy] = []
        for part in text.split(separator: ",") {
            let policy = try OptionText.policy(String(part))
            guard !named.contains(policy) else { throw SimulatorError("order '\(text)' names '\(part)' twice") }
            named.append(policy)
        }
        order = named + Policy.allCases.filter { !named.contains($0) }
    }

    private mutating func turnOff(_ policy: Policy) {
        switch policy {
        case .spike: spike = nil
        case .throttle: throttle = nil
        case .quota: quota = nil
        case .tenantThrottle: tenantThrottle = nil
        case .tenantQuota: tenantQuota = nil
        }
    }

    private static func changed(
        _ limit: WindowLimit?, _ capacity: Int, _ window: Duration?, _ usual: WindowLimit
    ) throws(SimulatorError) -> WindowLimit {
        let limit = limit ?? usual
        return try WindowLimit(checking: capacity, per: window ?? limit.window, counting: limit.counting)
    }
}

extension WindowLimit {
    fileprivate static let keapMinute = WindowLimit(known: 1_500, .seconds(60), .rolling)
    fileprivate static let keapDay = WindowLimit(known: 150_000, .seconds(86_400), .calendar)
}

extension SpikeLimit.Policy {
    /// Reads `sliding`, `smoothing`, `divided:4` or `divided:4:sliding`.
    init(_ text: String) throws(SimulatorError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        switch (parts.first, parts.count) {
        case ("sliding", 1): self = .sliding
        case ("smoothing", 1): self = .smoothing
        case ("divided", 2), ("divided", 3):
            let kind = parts.count == 3 ? parts[2] : "smoothing"
            guard let count = Int(parts[1]), kind == "sliding" || kind == "smoothing" else { fallthrough }
            self = .divided(processors: count, sliding: kind == "sliding")
        default:
            throw SimulatorError(
                "there is no spike policy '\(text)'; write sliding, smoothing, divided:4, divided:4:sliding or off")
        }
    }
}
