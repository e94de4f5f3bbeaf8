// SPDX-License-Identifier: Apache-2.0

import Headroom

// The account's settings as numbers, which its records hold.
extension GroupAccount {
    var storedTimeToLive: Int64 {
        get { settings.timeToLive.microseconds }
        set { settings.timeToLive = .microseconds(newValue) }
    }

    var storedTolerance: Int64 {
        get { Int64(settings.tolerance) }
        set { settings.tolerance = Int(newValue) }
    }

    var storedBackgroundFloor: Int64 {
        get { Int64(settings.floors.background) }
        set { settings.floors.background = Int(newValue) }
    }

    var storedNormalFloor: Int64 {
        get { Int64(settings.floors.normal) }
        set { settings.floors.normal = Int(newValue) }
    }

    /// How far the account's time is ahead of the clock. It is read after the time.
    var storedAhead: Int64 {
        get { now - clock }
        set { clock = now - newValue }
    }
}
