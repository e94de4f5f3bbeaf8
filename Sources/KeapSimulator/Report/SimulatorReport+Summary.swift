// SPDX-License-Identifier: Apache-2.0

extension SimulatorReport {
    /// The report in a few lines for people.
    public var summary: String {
        var lines = [
            "\(total) calls: \(accepted) accepted, \(refused.total) refused, \(failed) failed (\(unanswered) unanswered)",
            "refused by: spike \(refused.spike), throttle \(refused.throttle), quota \(refused.quota), "
                + "tenant throttle \(refused.tenantThrottle), tenant quota \(refused.tenantQuota)",
            "strangers: \(strangers.accepted) accepted, \(strangers.refused) refused",
        ]
        for name in ["spike", "throttle", "quota"] {
            guard let use = limits[name] else { continue }
            lines.append(
                "\(name): \(use.used) of \(use.capacity) used, peak \(use.peak) in \(use.window) s, "
                    + "\(Self.percent(use.share)) of the allowance")
        }
        return lines.joined(separator: "\n")
    }

    private static func percent(_ share: Double) -> String { "\((share * 1_000).rounded() / 10) %" }
}
