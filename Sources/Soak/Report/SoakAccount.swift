// SPDX-License-Identifier: Apache-2.0

/// The vendor's count of a soak's calls beside the ledger's.
///
/// The ledger counts every call that reached the vendor, also those that the vendor rejected. It may count more by the
/// permits of a worker that crashed or was away for too long, and by calls of which nobody knows whether they arrived.
/// It counts nothing of workers that were gone when it lost its memory: nobody was left to report their calls.
package struct SoakAccount: Sendable, Hashable, Codable {
    /// The figures of one worker, alive or gone.
    package struct Worker: Sendable, Hashable, Codable {
        /// The vendor's count of its calls, rejected ones included.
        package var vendor: Int
        /// How many more the ledger may count.
        package var uncertain: Int
        /// Whether it was gone when the ledger lost its memory.
        package var isForgotten: Bool

        package init(vendor: Int, uncertain: Int, isForgotten: Bool) {
            (self.vendor, self.uncertain, self.isForgotten) = (vendor, uncertain, isForgotten)
        }
    }

    /// The ledger's figures once all workers have ended.
    package struct Ledger: Sendable, Hashable, Codable {
        /// Calls spent of the day.
        package var spent: Int
        /// By how much the vendor's count differs, as the ledger computes it.
        package var drift: Int
        package var outstanding: Int
        package var instances: Int

        package init(spent: Int, drift: Int, outstanding: Int, instances: Int) {
            (self.spent, self.drift, self.outstanding, self.instances) = (spent, drift, outstanding, instances)
        }
    }

    /// The vendor's count of all calls, rejected ones included.
    package var vendor: Int
    /// Of these, calls of workers that were gone when the ledger lost its memory.
    package var forgotten: Int
    /// How many more the ledger may count.
    package var uncertain: Int
    /// Calls of the day as the vendor counts them.
    package var vendorDay: Int
    package var ledger: Ledger

    package init(_ workers: [Worker], vendorDay: Int, ledger: Ledger) {
        vendor = workers.reduce(0) { $0 + $1.vendor }
        forgotten = workers.reduce(0) { $0 + ($1.isForgotten ? $1.vendor : 0) }
        uncertain = workers.reduce(0) { $0 + ($1.isForgotten ? 0 : $1.uncertain) }
        (self.vendorDay, self.ledger) = (vendorDay, ledger)
    }

    /// The range in which the ledger's count has to be.
    package var expected: ClosedRange<Int> { (vendor - forgotten)...(vendor - forgotten + uncertain) }

    /// The account as things that must hold.
    ///
    /// - Parameter underWay: how many calls could be under way at one time: by so many the last answer may be behind.
    package func checks(underWay: Int) -> [SoakCheck] {
        let used = ledger.spent + ledger.drift
        return [
            SoakCheck(
                "the ledger counts what the vendor counts",
                "\(ledger.spent); \(vendor) calls at the vendor, \(forgotten) of them forgotten: \(expected)",
                expected.contains(ledger.spent)),
            SoakCheck(
                "its drift makes up for what it forgot",
                "\(ledger.spent) and a drift of \(ledger.drift), \(vendorDay) at the vendor",
                used + underWay >= vendorDay),
            SoakCheck(
                "nothing is left of workers that are gone",
                "\(ledger.outstanding) permits outstanding, \(ledger.instances) instances",
                ledger.outstanding == 0 && ledger.instances == 0),
        ]
    }
}
