// SPDX-License-Identifier: Apache-2.0

extension CounterView {
    /// Makes a view from a lag in seconds: exact for 0; else late in headers, and with several processors in
    /// enforcement as well.
    ///
    /// - Throws: ``SimulatorError`` if the lag is not in 0...3600, or the processors are not in 1...64.
    package init(lagSeconds: Double, processors: Int) throws(SimulatorError) {
        guard (0...3_600).contains(lagSeconds) else {
            throw SimulatorError("lag \(lagSeconds) is not in 0...3600 seconds")
        }
        guard (1...64).contains(processors) else {
            throw SimulatorError("\(processors) processors are not in 1...64")
        }
        guard processors == 1 || lagSeconds > 0 else {
            throw SimulatorError("\(processors) processors need a lag of more than 0 seconds between their meetings")
        }
        let span = Duration.seconds(lagSeconds)
        if lagSeconds == 0 {
            self = .exact
        } else {
            self = processors == 1 ? .reportedLate(span) : .distributed(processors: processors, meetingEvery: span)
        }
    }
}
