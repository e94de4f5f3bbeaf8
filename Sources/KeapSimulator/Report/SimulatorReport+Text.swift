// SPDX-License-Identifier: Apache-2.0

package import Foundation

extension SimulatorReport {
    /// The report as JSON, keys in alphabetical order.
    package func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(self)
    }

    /// The report in a few lines for people.
    package var summary: String {
        var lines = [
            "\(total) calls: \(accepted) accepted, \(rejected.total) rejected, \(failed) failed (\(unanswered) unanswered)",
            "rejected by: spike \(rejected.spike), throttle \(rejected.throttle), quota \(rejected.quota), "
                + "tenant throttle \(rejected.tenantThrottle), tenant quota \(rejected.tenantQuota)",
            "strangers: \(strangers.accepted) accepted, \(strangers.rejected) rejected",
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
