// SPDX-License-Identifier: Apache-2.0

import Headroom

/// All counts of the vendor. They judge a call by the policies in their order, and count it.
struct VendorBooks: Sendable {
    /// Most tenants that are counted. The calls of further ones draw on the product's budget only.
    static let maximumTenants = 4_096

    private(set) var spike: SpikeGate?
    private(set) var product: BudgetBook
    private(set) var tenants: [String: BudgetBook] = [:]
    private let configuration: VendorConfiguration
    private let start: Microseconds

    init(_ configuration: VendorConfiguration, start: Microseconds) {
        (self.configuration, self.start) = (configuration, start)
        spike = configuration.spike.map(SpikeGate.init)
        product = BudgetBook()
        product.throttle = windowBook(configuration.throttle, .throttle)
        product.quota = windowBook(configuration.quota, .quota)
    }

    /// Lets a call pass, or returns the policy that rejects it.
    mutating func judge(_ call: VendorCall, at now: Microseconds) -> VendorConfiguration.Policy? {
        prepare(call, at: now)
        var seen: [VendorConfiguration.Policy] = []
        for policy in configuration.order {
            guard hasRoom(policy, call, now) else {
                countRejected(by: policy, after: seen, call, now)
                return policy
            }
            seen.append(policy)
        }
        for policy in seen { count(policy, call, now, passed: true) }
        return nil
    }

    /// Lets the distributed processors report to each other what they counted.
    mutating func meet() {
        product.meet()
        for name in tenants.keys { tenants[name]?.meet() }
    }

    /// Ends the windows that are over.
    mutating func advance(to now: Microseconds) {
        spike?.advance(to: now)
        product.advance(to: now)
        for name in tenants.keys { tenants[name]?.advance(to: now) }
    }

    /// Begins new peaks. Windows stay as they are.
    mutating func resetPeaks() {
        spike?.resetPeak()
        product.resetPeaks()
        for name in tenants.keys { tenants[name]?.resetPeaks() }
    }

    private mutating func prepare(_ call: VendorCall, at now: Microseconds) {
        product.advance(to: now)
        guard let tenant = call.tenant, configuration.tenants != .none else { return }
        if tenants[tenant] == nil {
            guard tenants.count < Self.maximumTenants else { return }
            var book = BudgetBook()
            book.throttle = windowBook(configuration.tenantThrottle, .tenantThrottle)
            if configuration.tenants == .piped { book.quota = windowBook(configuration.tenantQuota, .tenantQuota) }
            tenants[tenant] = book
        }
        tenants[tenant]?.advance(to: now)
    }

    private func windowBook(_ limit: WindowLimit?, _ policy: VendorConfiguration.Policy) -> WindowBook? {
        limit.map {
            WindowBook($0, view: configuration.view, used: configuration.used[policy] ?? 0, start: start)
        }
    }

    private mutating func hasRoom(
        _ policy: VendorConfiguration.Policy, _ call: VendorCall, _ now: Microseconds
    ) -> Bool {
        switch policy {
        case .spike: !call.drawsOnProduct || spike?.hasRoom(on: call.spikeProcessor, at: now) ?? true
        case .throttle: !call.drawsOnProduct || product.throttle?.hasRoom(on: call.processor) ?? true
        case .quota: !call.drawsOnProduct || product.quota?.hasRoom(on: call.processor) ?? true
        case .tenantThrottle: call.tenant.flatMap { tenants[$0]?.throttle?.hasRoom(on: call.processor) } ?? true
        case .tenantQuota: call.tenant.flatMap { tenants[$0]?.quota?.hasRoom(on: call.processor) } ?? true
        }
    }

    private mutating func countRejected(
        by policy: VendorConfiguration.Policy, after seen: [VendorConfiguration.Policy], _ call: VendorCall,
        _ now: Microseconds
    ) {
        let counting: [VendorConfiguration.Policy] =
            switch configuration.rejectedCalls {
            case .uncounted: []
            case .passedPolicies: seen
            case .counted: seen + [policy]
            }
        for policy in counting { count(policy, call, now, passed: false) }
    }

    private mutating func count(
        _ policy: VendorConfiguration.Policy, _ call: VendorCall, _ now: Microseconds, passed: Bool
    ) {
        switch policy {
        case .spike where call.drawsOnProduct: spike?.count(at: now, on: call.spikeProcessor, passed: passed)
        case .throttle where call.drawsOnProduct: product.throttle?.count(at: now, on: call.processor, passed: passed)
        case .quota where call.drawsOnProduct: product.quota?.count(at: now, on: call.processor, passed: passed)
        case .spike, .throttle, .quota: break
        case .tenantThrottle:
            guard let tenant = call.tenant else { return }
            tenants[tenant]?.throttle?.count(at: now, on: call.processor, passed: passed)
        case .tenantQuota:
            guard let tenant = call.tenant else { return }
            tenants[tenant]?.quota?.count(at: now, on: call.processor, passed: passed)
        }
    }
}

/// One call on its way through the gateway: what it draws on, and the processors it came to.
struct VendorCall {
    let drawsOnProduct: Bool
    let tenant: String?
    /// The processor that counts it, if counters are distributed.
    let processor: Int
    /// The processor that judges its spike, if the rate is divided.
    let spikeProcessor: Int
}
