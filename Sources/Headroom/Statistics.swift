// SPDX-License-Identifier: Apache-2.0

extension RateCoordinator {
    /// What a coordinator has done since it was made, and what it holds now.
    public struct Statistics: Sendable, Hashable {
        /// Exchanges with the ledger that were answered.
        public var roundTrips: Int64 = 0
        /// Permits that the ledger granted.
        public var granted: Int64 = 0
        /// Permits that the instance granted itself while the ledger was out of reach.
        public var grantedInFallback: Int64 = 0
        /// Leases handed to callers.
        public var acquired: Int64 = 0
        /// Leases completed with a response that no limit rejected.
        public var accepted: Int64 = 0
        /// Leases completed with a response that a limit rejected.
        public var rejected: Int64 = 0
        /// Leases that were cancelled: not used.
        public var cancelled: Int64 = 0
        /// Leases that were dropped, or lasted too long: spent.
        public var dropped: Int64 = 0
        /// Callers that got an error instead of a lease.
        public var failed: Int64 = 0
        /// Responses with headers that were there and unusable.
        public var headersIgnored: Int64 = 0
        /// Callers waiting now.
        public var waiting = 0
        /// Leases in callers' hands now.
        public var outstanding = 0
        /// Permits that the instance holds now and nobody has in hand.
        public var pooled = 0
        /// Whether the instance works without the ledger now.
        public var isInFallback = false
    }
}
