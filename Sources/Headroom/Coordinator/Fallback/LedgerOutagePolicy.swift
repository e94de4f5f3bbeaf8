// SPDX-License-Identifier: Apache-2.0

extension RateCoordinator {
    /// What a coordinator does while its ledger is out of reach for longer than ``Configuration/ledgerPatience``.
    public enum LedgerOutagePolicy: String, Sendable, Hashable, CaseIterable {
        /// It works from its safe share: each limit divided by the instances last seen alive. One that never reached
        /// its ledger knows no share, and waits.
        case share
        /// Nobody is granted anything; callers wait until the ledger is back, or their timeout has come.
        case wait
        /// Callers get an error at once.
        case fail
        /// Everybody is granted everything: only the vendor limits.
        case unlimited
    }
}
