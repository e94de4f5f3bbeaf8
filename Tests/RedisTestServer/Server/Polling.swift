// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Waits for what other processes need a while for.
public enum Polling {
    /// Asks again and again until a condition is true; what an attempt throws counts as not yet.
    ///
    /// - Parameter seconds: when to give up: so long that only what is broken comes to it, however slow the machine is.
    public static func wait(for what: String, seconds: Double = 60, _ condition: () throws -> Bool) throws {
        let end = Date().addingTimeInterval(seconds)
        while Date() < end {
            if (try? condition()) == true { return }
            usleep(10_000)
        }
        throw RedisTestServerError("\(what) did not come about within \(seconds) s")
    }
}
