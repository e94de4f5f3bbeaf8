// SPDX-License-Identifier: Apache-2.0

extension SoakReport {
    /// The most of the vendor's answers that may be 429s. Nearly all are of workers that alone are cut off from Redis
    /// while all of the window is wanted: their safe shares come on top until the others see them in the headers.
    private static let refusedMost = 0.02
    /// By which part of its capacity calls may go over a window, most of all just after Redis has forgotten.
    private static let overMost = 0.05
    /// So few calls are no share.
    private static let few = 10
    /// How much longer than a fault nobody may be served, beyond a time to live. Seconds.
    private static let recovery = 5.0

    /// Everything that must hold.
    var judged: [SoakCheck] {
        var checks = account.checks(underWay: workers * concurrency) + vendorChecks
        checks += [
            SoakCheck("Redis has few keys", "at most \(keys), bound \(keysMost)", keys <= keysMost),
            SoakCheck(
                "nothing went otherwise than planned", mishaps.isEmpty ? "" : mishaps.joined(separator: "; "),
                mishaps.isEmpty),
        ]
        return checks + [workerMemory?.check("the workers"), redisMemory?.check("Redis")].compactMap { $0 }
    }

    private var vendorChecks: [SoakCheck] {
        let most = vendor.capacity + Self.bound(Self.overMost, of: vendor.capacity)
        let refusedMost = Self.bound(Self.refusedMost, of: vendor.calls)
        let patience = timeToLive + Self.recovery
        let late = faults.filter { $0.longestGap > $0.span + patience }.map(\.kind.rawValue)
        return [
            SoakCheck(
                "no window of the vendor is over its limit",
                "at most \(vendor.most) calls where \(vendor.capacity) are allowed, bound \(most)", vendor.most <= most),
            SoakCheck(
                "few calls are refused",
                "\(vendor.refused) of \(vendor.calls), \(Self.percent(vendor.refusedShare)), bound \(refusedMost)",
                vendor.refused <= refusedMost),
            SoakCheck(
                "service comes back",
                late.isEmpty
                    ? "within \(Self.seconds(patience)) after every fault"
                    : "late after \(late.joined(separator: ", "))",
                late.isEmpty),
        ]
    }

    private static func bound(_ share: Double, of count: Int) -> Int { max(few, Int(share * Double(count))) }

    /// The group's own keys, and for each worker its record, one that is still to be given up, and a note that it told
    /// its past.
    private var keysMost: Int { 5 + 3 * workers }
}
