// SPDX-License-Identifier: Apache-2.0

package import Headroom

/// When leases were used, to check what a limit promises: in no window of its length more than its capacity.
///
/// A use is noted between the hand-over of a lease and its end. As a permit counts from its grant until a window after
/// its end, all uses of any window counted at one moment: no tolerance is needed. Leases given back are not noted.
package struct UseLog: Sendable {
    private var times: [Microseconds] = []

    package init() {}

    package var count: Int { times.count }

    package mutating func note(_ time: Microseconds) { times.append(time) }

    package mutating func add(_ other: UseLog) { times += other.times }

    /// The most uses in any window of that length, each window looked at.
    package func most(within window: Duration) -> Int {
        let sorted = times.sorted()
        var (most, start) = (0, 0)
        for (index, time) in sorted.enumerated() {
            while time - sorted[start] >= window.microseconds { start += 1 }
            most = max(most, index - start + 1)
        }
        return most
    }
}
