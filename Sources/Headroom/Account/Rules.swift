// SPDX-License-Identifier: Apache-2.0

/// The constants of the account.
///
/// The Lua files use them under the same names in capitals (`RING_LENGTH` for ``ringLength``): `LuaConstants` puts the
/// values from here in their place.
package enum Rules {
    // MARK: The account's form

    /// The version of the account's form: the number in every key and the first byte of the group's state.
    package static let version: Int64 = 2
    /// The largest integer that crosses to Lua and back, where all numbers are doubles: half of 2^53.
    package static let epochMaximum: Int64 = 1 << 52

    // MARK: Time

    /// A day, in microseconds.
    package static let day: Int64 = 86_400_000_000
    /// The longest time, in microseconds, by which the vendor's day may end after the account's own.
    package static let daySkew: Int64 = 300_000_000
    /// After the clock was stepped back, the account leaves out one part in this many of the time that passes, until
    /// the clock has caught up.
    package static let catchUp: Int64 = 16

    // MARK: Windows

    /// The number of sub-windows in a rolling window: calls are counted by sub-window.
    package static let subWindows: Int64 = 240
    /// The number of sub-windows that are kept: one more than a window has, so that a call leaves the account only when
    /// all of its sub-window is past.
    package static let ringLength: Int64 = subWindows + 1
    /// The most calls that one sub-window can count: 32 bits.
    package static let subWindowMaximum: Int64 = 4_294_967_295
    /// The idle span, in microseconds, after which a tenant's budget is forgotten, unless twice its longest window is
    /// more.
    package static let tenantIdle: Int64 = 172_800_000_000

    // MARK: Slots and turns

    /// How far ahead, in microseconds, slots of a paced limit are granted.
    package static let horizon: Int64 = 250_000
    /// The largest distance of two slots, in nanoseconds: 60 s.
    package static let slotSpacingMaximum: Int64 = 60_000_000_000
    /// How early, in microseconds, an instance may come and have its turn already: the exchange that settles one call
    /// reserves the next.
    package static let earlyTurn: Int64 = 100_000
    /// The longest time, in microseconds, for which instances queue: nobody queues for what opens later.
    package static let queueingMaximum: Int64 = 1_000_000
    /// The part of a rolling limit's capacity, in thousandths, that needs turns: what is left beyond it needs none.
    package static let uncontendedPerMille: Int64 = 850
    /// The distance of turns at a rolling limit, in thousandths of the distance that its capacity allows: a turn that
    /// nobody came for is made up.
    package static let turnSpacingPerMille: Int64 = 990
    /// The largest distance of two calls by which turns at a rolling limit are paced, in nanoseconds: 2 s, as slow as a
    /// paced limit may be.
    package static let turnSpacingMaximum: Int64 = 2_000_000_000

    // MARK: What the vendor says

    /// The span, in microseconds, of which the largest drift of a rolling window counts.
    package static let rollingSteady: Int64 = 3_000_000
    /// The span, in microseconds, of which the largest drift of a day counts.
    package static let daySteady: Int64 = 30_000_000
    /// The time, in microseconds, for which strangers' calls seen in a rolling window count as recent.
    package static let strangersSteady: Int64 = 5_000_000
    /// The number of agreeing observations in a row that replace a capacity.
    package static let agreements: Int64 = 3
    /// The number of calls without an observation after which a new ledger takes it that the vendor sends none.
    package static let probes: Int64 = 3
    /// The time without an answer to the newest permit, in microseconds, after which another single call may probe the
    /// vendor.
    package static let probePatience: Int64 = 5_000_000

    // MARK: After a 429

    /// What one 429 adds to a window's cushion, in millionths of the capacity.
    package static let cushionStep: Int64 = 5_000
    /// The largest cushion, in millionths of the capacity.
    package static let cushionMaximum: Int64 = 500_000
    /// What one 429 adds to a paced limit's margin, in millionths.
    package static let marginStep: Int64 = 20_000
    /// A paced limit's margin at first, in millionths.
    package static let marginStart: Int64 = 50_000
    /// A paced limit's smallest margin, in millionths.
    package static let marginMinimum: Int64 = 20_000
    /// A paced limit's largest margin, in millionths.
    package static let marginMaximum: Int64 = 3_000_000
    /// The first pause after a 429 of a rolling window, in microseconds; each further 429 doubles it.
    package static let pauseFirst: Int64 = 250_000
    /// How often the pause after a 429 is doubled at most.
    package static let pauseDoublings: Int64 = 5
    /// The time between probes after a 429 of the day, in microseconds.
    package static let dayPause: Int64 = 300_000_000
    /// The longest hold that an operator can set, in microseconds: ten years.
    package static let holdMaximum: Int64 = 3_650 * day

    // MARK: When to ask again

    /// The time after which to ask again, in microseconds, if only permits of others are in the way.
    package static let retryOutstanding: Int64 = 250_000
    /// The time after which to ask again, in microseconds, while one call probes the vendor.
    package static let retryLearning: Int64 = 50_000
    /// The time after which to ask again, in microseconds, for more than a fair share of what is left.
    package static let retryShare: Int64 = 20_000
    /// The shortest time after which to ask again, in microseconds.
    package static let retryMinimum: Int64 = 1_000

    // MARK: Instances

    /// The delay of a heartbeat, in microseconds, from which an instance is suspect: it may be working without the
    /// ledger, and its part of the slots is left free.
    package static let suspectAfter: Int64 = 1_500_000
    /// The longest time, in microseconds, for which slots leave room for departed instances.
    package static let departedMaximum: Int64 = 120_000_000
    /// The interval of the searches for expired instances, in microseconds: one is made in each.
    package static let expiryInterval: Int64 = 1_000_000
    /// The most instances that one search expires.
    package static let expiryMaximum = 16
    /// The most expired instances whose last report is kept.
    package static let expiredMaximum = 1_024
    /// How many of them, the oldest, are dropped at once when one more than the most expires.
    package static let expiredDropped = 16
}
