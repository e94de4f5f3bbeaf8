// SPDX-License-Identifier: Apache-2.0

/// The knowledge of the vendor's counters: the truth, or what processors have reported to each other.
package enum CounterView: Sendable, Hashable {
    /// Counters are exact in enforcement and in headers.
    case exact
    /// Enforcement is exact; headers report the count as of the last meeting, one each span.
    case reportedLate(Duration)
    /// Every call goes to one of `processors` (1 to 64) by chance. A processor knows its own calls and, of the others',
    /// those before their last meeting, one each span. It enforces and reports by what it knows.
    case distributed(processors: Int, meetingEvery: Duration)

    /// The number of processors, each with a count of its own.
    var processors: Int {
        guard case .distributed(let processors, _) = self else { return 1 }
        return min(max(processors, 1), 64)
    }

    /// The span between two meetings. `nil` if counters are exact.
    var span: Duration? {
        switch self {
        case .exact: nil
        case .reportedLate(let span), .distributed(_, let span): span > .zero ? span : nil
        }
    }
}
