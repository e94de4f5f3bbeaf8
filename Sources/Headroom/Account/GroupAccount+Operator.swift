// SPDX-License-Identifier: Apache-2.0

extension GroupAccount {
    /// Holds all grants of the group for a span, or resumes them if there is no span.
    package mutating func hold(for span: Duration?, at time: Int64) {
        let now = advance(to: time)
        let span = min(span?.microseconds ?? 0, Rules.holdMaximum)
        holdUntil = span > 0 ? now + span : 0
    }
}
