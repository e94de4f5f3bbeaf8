// SPDX-License-Identifier: Apache-2.0

/// Answers that fail by chance, after the gateway has let the call through and counted it.
public struct Faults: Sendable, Hashable {
    /// The share of calls answered with 500, 0 to 1. Default: 0.
    package var internalErrors: Double
    /// The share of calls answered with 503, 0 to 1. Default: 0.
    package var unavailable: Double
    /// The share of calls that are never answered: kept, then the connection is closed. 0 to 1. Default: 0.
    package var silent: Double

    /// Makes a set of faults.
    public init(internalErrors: Double = 0, unavailable: Double = 0, silent: Double = 0) {
        (self.internalErrors, self.unavailable, self.silent) = (internalErrors, unavailable, silent)
    }

    /// The fault that a number from 0 to 1 falls on. `nil` if it falls on none.
    func fault(at fraction: Double) -> VendorAnswer.Fault? {
        if fraction < internalErrors { return .internalError }
        if fraction < internalErrors + unavailable { return .unavailable }
        if fraction < internalErrors + unavailable + silent { return .silent }
        return nil
    }
}
