// SPDX-License-Identifier: Apache-2.0

import Headroom
import KeapSimulator

/// The limits of a soak's vendor, as the vendor and its clients have them. The window's is the one that is short.
struct SoakLimits {
    static let perSecond = 25
    /// The day is large, so that it is the best account of all calls.
    static let perDay = 1_000_000
    /// Seconds.
    let window: Int

    var perWindow: Int { 20 * window }

    var plan: Plan {
        get throws {
            try Plan(
                name: "soak",
                productLimits: [
                    Limit(.spike, capacity: Self.perSecond, window: .paced(.seconds(1))),
                    Limit(.throttle, capacity: perWindow, window: .rolling(.seconds(window))),
                    Limit(.quota, capacity: Self.perDay, window: .day),
                ])
        }
    }

    var vendor: SimulatorConfiguration {
        get throws {
            SimulatorConfiguration(
                vendor: VendorConfiguration(
                    spike: try SpikeLimit(Self.perSecond),
                    throttle: try WindowLimit(perWindow, per: .seconds(window), counting: .rolling),
                    quota: try WindowLimit(Self.perDay, per: .seconds(86_400), counting: .calendar)),
                latency: Latency(median: .milliseconds(20), jitter: .milliseconds(10)))
        }
    }

    /// The permits that an instance may have in its pool: a quarter of a second's slots, and one.
    static let pooledMost = perSecond / 4 + 1
}
