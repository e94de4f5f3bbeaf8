// SPDX-License-Identifier: Apache-2.0

/// What the account knows of one instance.
package struct InstanceAccount: Sendable, Hashable {
    package var weight: Int64
    /// The last exchange's number, and what it returned, with times instead of offsets.
    package var sequence: Int64 = 0
    package var reply: Exchange?
    package var repliedAt: Int64 = 0
    /// When the instance was last renewed.
    package var renewed: Int64
    /// Whether it wanted more than it was granted in its last exchange.
    package var isWanting = false
    /// When its next turn is, in the time of the group's order; 0: it has none.
    package var ticket: Int64 = 0
    /// What its interactive callers were not granted.
    package var urgent: Int64 = 0
    /// Permits it holds, by tenant (nil: calls that name none).
    package var permits: [Tenant?: Int64] = [:]

    package init(weight: Int64, renewed: Int64) {
        self.weight = weight
        self.renewed = renewed
    }
}
