// SPDX-License-Identifier: Apache-2.0

/// The settings that an account is kept by: limits, floors, tolerance, time to live.
package struct LedgerSettings: Sendable, Hashable {
    /// The limits of the product and of each tenant.
    package var plan: Plan
    /// The part of every window and of the day that calls of a priority leave unused, in thousandths, 0...1000.
    /// Default: 200 for background, 0 for normal and interactive.
    package var floors: Floors
    /// The share of calls that may be answered with 429, in millionths, 0...100,000. Default: 1000 (0.1 %).
    package var tolerance: Int
    /// The time without an exchange after which an instance has expired and its permits count as spent, 1 s to 1 h.
    /// Default: 10 s.
    package var timeToLive: Duration

    /// What each priority leaves unused, in thousandths.
    package struct Floors: Sendable, Hashable {
        /// Default: 200.
        package var background: Int
        /// Default: 0.
        package var normal: Int

        /// Makes floors. A value out of range is taken as the nearer end of the range.
        package init(background: Int = 200, normal: Int = 0) {
            self.background = min(max(background, 0), 1000)
            self.normal = min(max(normal, 0), 1000)
        }

        func callAsFunction(_ priority: Priority) -> Int64 {
            switch priority {
            case .background: Int64(background)
            case .normal: Int64(normal)
            case .interactive: 0
            }
        }
    }

    /// Makes settings. A value out of range is taken as the nearer end of the range.
    package init(plan: Plan, floors: Floors = Floors(), tolerance: Int = 1000, timeToLive: Duration = .seconds(10)) {
        self.plan = plan
        self.floors = Floors(background: floors.background, normal: floors.normal)
        self.tolerance = min(max(tolerance, 0), 100_000)
        self.timeToLive = min(max(timeToLive, .seconds(1)), .seconds(3600))
    }
}
