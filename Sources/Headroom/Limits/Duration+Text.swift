// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// The span as people read it, in its two largest units: `18 h 33 min`, `2 min 5 s`, `12 s`, `1.5 s`, `250 ms`.
    package var text: String {
        let milliseconds = max(0, microseconds) / 1000
        let seconds = milliseconds / 1000
        switch seconds {
        case 3600...: return "\(seconds / 3600) h \(seconds / 60 % 60) min"
        case 60...: return "\(seconds / 60) min \(seconds % 60) s"
        case 10...: return "\(seconds) s"
        case 1...: return "\(seconds).\(milliseconds / 100 % 10) s"
        default: return "\(milliseconds) ms"
        }
    }
}
