// SPDX-License-Identifier: Apache-2.0

extension Strangers {
    /// Reads strangers written as `480/min`, `480/min:bursts` or `480/min:bursts=20s`; `@TENANT` at the end puts them
    /// on a tenant's windows only, `@product+TENANT` on both.
    ///
    /// - Throws: ``SimulatorError`` if the text is none of them, or out of range.
    package init(option text: String) throws(SimulatorError) {
        let sides = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let parts = sides[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts[0].hasSuffix("/min"), let rate = Int(parts[0].dropLast(4)) else {
            throw SimulatorError(
                "strangers '\(text)' have no rate; write 480/min, 480/min:bursts, 480/min:bursts=20s or 480/min@TENANT")
        }
        try self.init(
            checking: rate, shape: parts.count == 2 ? try Shape(option: parts[1]) : .steady,
            target: sides.count == 2 ? try Target(option: sides[1]) : .product)
    }
}

extension Strangers.Shape {
    fileprivate init(option text: String) throws(SimulatorError) {
        switch text {
        case "steady": self = .steady
        case "bursts": self = .bursts(every: Strangers.defaultPeriod)
        default:
            guard text.hasPrefix("bursts=") else {
                throw SimulatorError("strangers cannot come as '\(text)'; write steady, bursts or bursts=20s")
            }
            self = .bursts(every: try OptionText.duration(String(text.dropFirst(7))))
        }
    }
}

extension Strangers.Target {
    fileprivate init(option text: String) throws(SimulatorError) {
        let isBoth = text.hasPrefix("product+")
        let tenant = isBoth ? String(text.dropFirst(8)) : text
        guard !tenant.isEmpty else {
            throw SimulatorError("strangers name no tenant after '@'; write 480/min@ab123 or 480/min@product+ab123")
        }
        self = isBoth ? .productAndTenant(tenant) : .tenant(tenant)
    }
}
