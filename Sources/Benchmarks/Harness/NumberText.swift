// SPDX-License-Identifier: Apache-2.0

/// Numbers as text, the same in every locale.
package enum NumberText {
    /// `0.42`, `3.5`, `128`: three digits of what counts.
    package static func plain(_ value: Double) -> String {
        fixed(value, decimals: abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : 2)
    }

    /// `3.24M`, `119k`, `25.0`.
    package static func short(_ value: Double) -> String {
        switch abs(value) {
        case 1e6...: fixed(value / 1e6, decimals: 2) + "M"
        case 1e3...: plain(value / 1e3) + "k"
        default: plain(value)
        }
    }

    /// With that many digits behind the point.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "–" }
        var scale: Int64 = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(scaled)" }
        let digits = String(scaled % scale)
        return "\(sign)\(scaled / scale)." + String(repeating: "0", count: decimals - digits.count) + digits
    }

    /// `1.29 ×`.
    package static func ratio(_ value: Double) -> String { plain(value) + " ×" }
}
