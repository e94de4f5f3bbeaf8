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

    /// `52 %`, or `<1 %` for a share that is small and not zero.
    package static func percent(_ share: Double) -> String {
        guard share.isFinite else { return "–" }
        return share > 0 && share < 0.005 ? "<1 %" : "\(Int((share * 100).rounded())) %"
    }

    /// `0.42`, `3.5`, `128`: three significant digits.
    package static func plain(_ number: Double) -> String {
        fixed(number, decimals: abs(number) >= 100 ? 0 : abs(number) >= 10 ? 1 : 2)
    }

    /// `3.24M`, `119k`, `25.0`.
    package static func short(_ number: Double) -> String {
        switch abs(number) {
        case 1e6...: fixed(number / 1e6, decimals: 2) + "M"
        case 1e3...: plain(number / 1e3) + "k"
        default: plain(number)
        }
    }

    /// `1.29 ×`.
    package static func ratio(_ number: Double) -> String { plain(number) + " ×" }

    /// The number with so many digits behind the point, rounded half away from zero.
    package static func fixed(_ number: Double, decimals: Int) -> String {
        guard number.isFinite, abs(number) < 1e15 else { return "–" }
        var scale: Int64 = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64((abs(number) * Double(scale)).rounded())
        let sign = number < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(scaled)" }
        let digits = String(scaled % scale)
        return "\(sign)\(scaled / scale)." + String(repeating: "0", count: decimals - digits.count) + digits
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
