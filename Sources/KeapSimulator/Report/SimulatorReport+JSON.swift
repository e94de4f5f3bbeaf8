// SPDX-License-Identifier: Apache-2.0

public import Foundation

extension SimulatorReport {
    /// The report as JSON, keys in alphabetical order.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(self)
    }
}
