// SPDX-License-Identifier: Apache-2.0

/// A capacity of calls per window: what a vendor allows, and over what span it counts.
public struct Limit: Sendable, Hashable {
    /// The limit's name within its budget.
    public let name: LimitName
    /// Calls per window, 1 to ``maximumCapacity``. A learned capacity (see ``VendorReading``) may replace it at run
    /// time.
    public let capacity: Int
    /// The span over which calls are counted.
    public let window: Window
    /// The highest capacity that may ever be learned from the vendor's headers. Default: none.
    public let ceiling: Int?

    /// The highest capacity a limit can have: a thousand million calls per window.
    public static let maximumCapacity = 1_000_000_000

    /// How a limit counts.
    public enum Window: Sendable, Hashable {
        /// Calls of any span of this length. Keeps calendar windows and windows from a first call as well.
        /// 100 ms to 31 days.
        case rolling(Duration)
        /// Calls since 00:00 UTC, or since the reset time that the vendor's headers name.
        case day
        /// `capacity` evenly spaced slots per this span: no bursts. 1 ms to 60 s, at least one slot in 2 s.
        case paced(Duration)
    }

    /// Makes a limit.
    ///
    /// - Throws: ``RateLimitError`` with the code `invalidLimit` where capacity, window or ceiling is out of range; the
    ///   error names the value and the range.
    public init(_ name: LimitName, capacity: Int, window: Window, ceiling: Int? = nil) throws(RateLimitError) {
        guard (1...Self.maximumCapacity).contains(capacity) else {
            throw RateLimitError(
                .invalidLimit, "capacity \(capacity) of limit '\(name)' is not in 1...\(Self.maximumCapacity)")
        }
        if let ceiling, !(1...Self.maximumCapacity).contains(ceiling) {
            throw RateLimitError(
                .invalidLimit, "ceiling \(ceiling) of limit '\(name)' is not in 1...\(Self.maximumCapacity)")
        }
        switch window {
        case .rolling(let span):
            guard span >= .milliseconds(100), span <= .seconds(31 * 86_400) else {
                throw RateLimitError(
                    .invalidLimit, "rolling window \(span) of limit '\(name)' is not between 0.1 s and 31 days")
            }
        case .paced(let span):
            guard span >= .milliseconds(1), span <= .seconds(60) else {
                throw RateLimitError(
                    .invalidLimit, "paced window \(span) of limit '\(name)' is not between 1 ms and 60 s")
            }
            guard span.microseconds / Int64(capacity) <= 2_000_000 else {
                throw RateLimitError(
                    .invalidLimit,
                    "paced limit '\(name)' of \(capacity) in \(span) is less than one call in 2 s; use a rolling window"
                )
            }
        case .day: break
        }
        (self.name, self.capacity, self.window, self.ceiling) = (name, capacity, window, ceiling)
    }

    /// For constants of this package, whose values are known to be in range.
    init(known name: LimitName, _ capacity: Int, _ window: Window, ceiling: Int? = nil) {
        (self.name, self.capacity, self.window, self.ceiling) = (name, capacity, window, ceiling)
    }
}

extension Limit.Window {
    /// How long the window lasts.
    package var span: Duration {
        switch self {
        case .rolling(let span), .paced(let span): span
        case .day: .seconds(86_400)
        }
    }
}
