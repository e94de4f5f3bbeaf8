// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport

extension SplitMix {
    /// A number from 0 up to, not including, 1.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// An index below a bound of at least 1.
    mutating func index(below bound: Int) -> Int { bound <= 1 ? 0 : Int(next() % UInt64(bound)) }
}
