// SPDX-License-Identifier: Apache-2.0

/// The report of a soak. Its JSON has the same names.
package struct SoakReport: Sendable, Hashable, Codable {
    /// The effect of one kind of fault.
    package struct FaultLine: Sendable, Hashable, Codable {
        package var kind: FaultKind
        package var count = 0
        /// Calls that the vendor rejected from a fault's start to the next fault's.
        package var rejected = 0
        /// How long the longest lasted. Seconds.
        package var span = 0.0
        /// The longest time without a call let through. Seconds.
        package var longestGap = 0.0

        package init(_ kind: FaultKind) { self.kind = kind }

        /// Takes in one of its kind, and what happened until the next fault.
        package mutating func add(_ fault: FaultPlan.Fault, _ phase: ServiceTrack.Phase) {
            count += 1
            rejected += phase.rejected
            span = max(span, fault.span)
            longestGap = max(longestGap, phase.longestGap)
        }
    }

    /// The vendor's figures.
    package struct Vendor: Sendable, Hashable, Codable {
        package var calls: Int
        package var rejected: Int
        /// The part of the window's limit that was used.
        package var allowance: Double
        package var capacity: Int
        /// The most calls in any span of one window, rejected ones included.
        package var most: Int
        /// The longest time without a call let through. Seconds.
        package var longestGap: Double

        package init(calls: Int, rejected: Int, allowance: Double, capacity: Int, most: Int, longestGap: Double) {
            (self.calls, self.rejected, self.allowance) = (calls, rejected, allowance)
            (self.capacity, self.most, self.longestGap) = (capacity, most, longestGap)
        }

        package var rejectedShare: Double { calls > 0 ? Double(rejected) / Double(calls) : 0 }
    }

    package var seconds: Double
    package var seed: UInt64
    /// How many workers at one time.
    package var workers: Int
    /// How many calls each makes at one time.
    package var concurrency: Int
    /// Of the workers' instances. Seconds.
    package var timeToLive: Double
    package var faults: [FaultLine]
    package var vendor: Vendor
    package var account: SoakAccount
    /// Calls of which the workers that ended in order had no answer.
    package var unanswered: Int
    /// Of the worker whose memory rose most of those that lived long.
    package var workerMemory: MemoryTrend?
    package var redisMemory: MemoryTrend?
    /// The most keys that Redis had at one time.
    package var keys: Int
    /// Workers that ended otherwise than they were asked to, and faults that could not be made.
    package var mishaps: [String]
    package var checks: [SoakCheck] = []

    package init(
        seconds: Double, seed: UInt64, workers: Int, concurrency: Int, timeToLive: Double, faults: [FaultLine],
        vendor: Vendor, account: SoakAccount, unanswered: Int, workerMemory: MemoryTrend?, redisMemory: MemoryTrend?,
        keys: Int,
        mishaps: [String]
    ) {
        (self.seconds, self.seed, self.workers, self.concurrency) = (seconds, seed, workers, concurrency)
        self.timeToLive = timeToLive
        (self.faults, self.vendor, self.account, self.unanswered) = (faults, vendor, account, unanswered)
        (self.workerMemory, self.redisMemory, self.keys) = (workerMemory, redisMemory, keys)
        self.mishaps = mishaps
        checks = judged
    }

    package var holds: Bool { checks.allSatisfy(\.holds) }
}

/// A thing that must hold, and what was seen.
package struct SoakCheck: Sendable, Hashable, Codable {
    package var name: String
    package var seen: String
    package var holds: Bool

    package init(_ name: String, _ seen: String, _ holds: Bool) {
        (self.name, self.seen, self.holds) = (name, seen, holds)
    }
}
