// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Numbers as people read them, the same in every locale.
package enum NumberText {
    /// `1,500`.
    package static func grouped(_ number: Int64) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    package static func grouped(_ number: Int) -> String { grouped(Int64(number)) }

    /// `52 %`, or `<1 %` where something is used, but little.
    package static func percent(_ share: Double) -> String {
        guard share.isFinite else { return "–" }
        return share > 0 && share < 0.005 ? "<1 %" : "\(Int((share * 100).rounded())) %"
    }

    /// `0.42`, `3.5`, `128`: three digits of what counts.
    package static func plain(_ number: Double) -> String {
        guard number.isFinite else { return "–" }
        let decimals = abs(number) >= 100 ? 0 : abs(number) >= 10 ? 1 : 2
        return String(format: "%.\(decimals)f", number)
    }

    /// A span in the largest unit that suits: `350 ms`, `7.5 s`, `4 min 10 s`, `18 h 50 min`.
    package static func span(microseconds: Int64) -> String {
        let milliseconds = max(0, microseconds) / 1_000
        if milliseconds < 1_000 { return "\(milliseconds) ms" }
        if milliseconds < 60_000 { return String(format: "%.1f s", Double(milliseconds) / 1_000) }
        let seconds = milliseconds / 1_000
        if seconds < 3_600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3_600) h \(seconds / 60 % 60) min"
    }

    /// `00:12`, `1:00:12`.
    package static func clock(seconds: Double) -> String {
        let whole = Int(max(0, seconds.isFinite ? seconds : 0))
        let tail = String(format: "%02d:%02d", whole / 60 % 60, whole % 60)
        return whole >= 3_600 ? "\(whole / 3_600):\(tail)" : tail
    }
}
