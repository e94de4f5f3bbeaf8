// SPDX-License-Identifier: Apache-2.0

extension Latency {
    /// Reads a latency from the texts of its options, such as `20ms`, `5ms`, `0.2%` and `200ms-500ms`.
    ///
    /// - Throws: ``SimulatorError`` if one cannot be read.
    package init(median: String, jitter: String, lateShare: String, lateRange: String) throws(SimulatorError) {
        self.init(
            median: try OptionText.duration(median), jitter: try OptionText.duration(jitter),
            lateShare: try OptionText.share(lateShare), lateRange: try OptionText.durationRange(lateRange))
    }

    /// Reads a span such as `20ms`.
    ///
    /// - Throws: ``SimulatorError`` if the text is none.
    package static func duration(_ text: String) throws(SimulatorError) -> Duration { try OptionText.duration(text) }

    /// Reads a share such as `0.2%`.
    ///
    /// - Throws: ``SimulatorError`` if the text is none.
    package static func share(_ text: String) throws(SimulatorError) -> Double { try OptionText.share(text) }
}

extension Faults {
    /// Reads the shares of faults from the texts of their options, such as `0.5%`.
    ///
    /// - Throws: ``SimulatorError`` if one cannot be read, or all together are more than 1.
    package init(internalErrors: String, unavailable: String, silent: String) throws(SimulatorError) {
        self.init(
            internalErrors: try OptionText.share(internalErrors), unavailable: try OptionText.share(unavailable),
            silent: try OptionText.share(silent))
        let sum = self.internalErrors + self.unavailable + self.silent
        guard sum <= 1 else {
            throw SimulatorError("the shares of faults add up to \(sum); together they are at most 1")
        }
    }
}
