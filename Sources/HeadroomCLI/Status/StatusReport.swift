// SPDX-License-Identifier: Apache-2.0

package import Headroom

/// A budget group's account as `headroom status --json` writes it, with the same names.
package struct StatusReport: Sendable, Hashable, Codable {
    package var clientID: String
    /// A number that changes when the ledger has lost its memory.
    package var epoch: Int64
    /// The ledger's time, in seconds since 1970.
    package var now: Double
    /// How long an operator's hold lasts. `nil` if there is none.
    package var onHoldForSeconds: Double?
    /// How many instances are alive.
    package var instanceCount: Int
    /// How many of them want permits.
    package var wanting: Int
    package var instances: [Instance]
    /// The product's budget, then the tenants'.
    package var budgets: [Budget]

    /// One instance.
    package struct Instance: Sendable, Hashable, Codable {
        package var id: String
        package var weight: Int64
        /// Its permits that are granted and not settled.
        package var permits: Int64
        /// How long ago it last renewed, in steps of up to a second.
        package var sinceRenewalSeconds: Double
        package var isWanting: Bool
    }

    /// One budget.
    package struct Budget: Sendable, Hashable, Codable {
        /// The tenant whose it is. `nil`: the product's.
        package var tenant: String?
        /// Permits granted and not settled.
        package var outstanding: Int64
        /// Whether the vendor is still probed with one call at a time.
        package var isLearning: Bool
        package var limits: [Limit]
    }

    /// One limit.
    package struct Limit: Sendable, Hashable, Codable {
        package var name: String
        /// `60s`, `day`.
        package var window: String
        package var isPaced: Bool
        /// Calls per window, in force.
        package var capacity: Int64
        /// As configured. 0 for one first seen in a header.
        package var configured: Int64
        /// Calls taken: spent, outstanding, and the vendor's excess over both. 0 for a paced limit.
        package var used: Int64
        /// Calls spent in the window.
        package var spent: Int64
        /// The vendor's count minus the ledger's own.
        package var drift: Int64
        /// Calls left unused because 429s taught so. `nil` for a paced limit.
        package var cushion: Double?
        /// By how much slots are further apart than the rate demands, as a share. `nil` for other limits.
        package var margin: Double?
        /// The part of the capacity that is taken.
        package var share: Double
        /// How long nothing is granted after a 429. `nil` if the limit is not paused.
        package var pausedForSeconds: Double?
        /// When the day ends. `nil` for other windows.
        package var resetsInSeconds: Double?
    }

    /// Makes a report of a ledger's status.
    package init(_ status: LedgerStatus, clientID: String) {
        self.clientID = clientID
        (epoch, now) = (status.epoch, Double(status.now.microseconds) / 1e6)
        onHoldForSeconds = status.holdFor > .zero ? status.holdFor / .seconds(1) : nil
        instanceCount = status.instances.count
        wanting = status.instances.count(where: \.isWanting)
        instances = status.instances.map(Instance.init)
        budgets = status.budgets.map(Budget.init)
    }
}

extension StatusReport.Instance {
    init(_ status: LedgerStatus.InstanceStatus) {
        self.init(
            id: status.id, weight: status.weight, permits: status.permits,
            sinceRenewalSeconds: status.sinceRenewal / .seconds(1), isWanting: status.isWanting)
    }
}

extension StatusReport.Budget {
    init(_ status: LedgerStatus.BudgetStatus) {
        if case .tenant(let name) = status.scope { tenant = name.name }
        (outstanding, isLearning) = (status.outstanding, status.isLearning)
        limits = status.limits.map { StatusReport.Limit($0, outstanding: status.outstanding) }
    }
}

extension StatusReport.Limit {
    init(_ status: LedgerStatus.LimitStatus, outstanding: Int64) {
        (name, window) = (status.name.text, SpanText.text(status.window))
        isPaced = if case .paced = status.window { true } else { false }
        (capacity, configured, spent, drift) = (status.capacity, status.configured, status.spent, status.drift)
        used = isPaced ? 0 : max(0, status.spent + outstanding + status.drift)
        share = capacity > 0 ? (Double(used) / Double(capacity) * 10_000).rounded() / 10_000 : 0
        if isPaced { margin = Double(status.cushion) / 1e6 } else { cushion = Double(status.cushion) / 1e6 }
        pausedForSeconds = status.pausedFor > .zero ? status.pausedFor / .seconds(1) : nil
        resetsInSeconds = status.resetsIn > .zero ? status.resetsIn / .seconds(1) : nil
    }
}
