// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How many steps a loop over random input makes: few in everyday's tests, a million in `Scripts/fuzz`.
package enum FuzzSteps {
    /// HEADROOM_FUZZ_STEPS, or else a number that takes about a second or two in a debug build.
    package static func count(_ everyday: Int) -> Int {
        ProcessInfo.processInfo.environment["HEADROOM_FUZZ_STEPS"].flatMap { Int($0) } ?? everyday
    }
}
