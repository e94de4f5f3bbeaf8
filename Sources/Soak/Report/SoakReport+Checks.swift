// SPDX-License-Identifier: Apache-2.0

extension SoakReport {
    /// The share of the vendor's answers that may be 429s. Nearly all are of workers that are cut off from Redis while
    /// all of the window is wanted: their safe shares come on top until the others see them in the headers.
    private static let rejectedMost = 0.02
    /// The part of its capacity by which calls may go over a window, most of all soon after Redis has forgotten.
    private static let overMost = 0.05
    /// A number of calls that is always allowed, as a share of few calls says nothing.
    private static let few = 10
    /// How much longer than a fault nobody may be served, beyond a time to live. Seconds.
    private static let recovery = 5.0

    /// Everything that must hold.
    var judged: [SoakCheck] {
        var checks = account.checks(underWay: workers * concurrency) + vendorChecks
        checks += [
            SoakCheck("the account is one key", "at most \(keys)", keys <= 1),
            SoakCheck(
                "nothing went otherwise than planned", mishaps.isEmpty ? "" : mishaps.joined(separator: "; "),
                mishaps.isEmpty),
        ]
        return checks + [workerMemory?.check("the workers"), redisMemory?.check("Redis")].compactMap { $0 }
    }

    private var vendorChecks: [SoakCheck] {
        let most = vendor.capacity + Self.bound(Self.overMost, of: vendor.capacity)
        let rejectedMost = Self.bound(Self.rejectedMost, of: vendor.calls)
        let patience = timeToLive + Self.recovery
        let late = faults.filter { $0.longestGap > $0.span + patience }.map(\.kind.rawValue)
        return [
            SoakCheck(
                "no window of the vendor is over its limit",
                "at most \(vendor.most) calls, \(vendor.capacity) are allowed, bound \(most)", vendor.most <= most),
            SoakCheck(
                "few calls are rejected",
                "\(vendor.rejected) of \(vendor.calls), \(Self.percent(vendor.rejectedShare)), bound \(rejectedMost)",
                vendor.rejected <= rejectedMost),
            SoakCheck(
                "service comes back",
                late.isEmpty
                    ? "within \(Self.seconds(patience)) after every fault"
                    : "late after \(late.joined(separator: ", "))",
                late.isEmpty),
        ]
    }

    private static func bound(_ share: Double, of count: Int) -> Int { max(few, Int(share * Double(count))) }
}
