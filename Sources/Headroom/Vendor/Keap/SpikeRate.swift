// SPDX-License-Identifier: Apache-2.0

/// The spike's rate as the gateway writes it: `10ps` per second, `600pm` per minute.
enum SpikeRate {
    /// Calls a second: those of a minute are divided and cut off, and are at least 1.
    static func callsPerSecond(_ bytes: Bytes) -> Result<Int?, IgnoredHeader.Reason> {
        guard bytes.count > 2 else { return .failure(.notARate) }
        let unit = bytes.piece(bytes.count - 2, bytes.count)
        let isPerMinute = unit.equals("pm")
        guard isPerMinute || unit.equals("ps") else { return .failure(.notARate) }
        switch bytes.piece(0, bytes.count - 2).decimal() {
        case .failure(.outOfRange): return .failure(.outOfRange)
        case .failure: return .failure(.notARate)
        case .success(let calls):
            let perSecond = isPerMinute ? max(min(calls, 1), calls / 60) : calls
            guard (1...Int64(Limit.maximumCapacity)).contains(perSecond) else { return .failure(.outOfRange) }
            return .success(Int(perSecond))
        }
    }
}
