// SPDX-License-Identifier: Apache-2.0

/// The constants of the account. `account.lua` has the same under the same names.
package enum Rules {
    /// The version of the account's form: the number in every key and at the head of the group's state.
    package static let version: Int64 = 1
    /// A rolling window is counted in this many sub-windows…
    package static let parts: Int64 = 240
    /// …and one more is kept, so that a call leaves only when all of its sub-window is past.
    package static let cells: Int64 = parts + 1
    /// What one sub-window can hold: 32 bits.
    package static let cellMaximum: Int64 = 4_294_967_295
    /// A day, in microseconds.
    package static let day: Int64 = 86_400_000_000
    /// How far the vendor's day may end after ours would, at most.
    package static let daySkew: Int64 = 300_000_000
    /// Where the clock was stepped back, this part of what passes is left out until it has caught up: a sixteenth.
    package static let catchUp: Int64 = 16
    /// How far ahead slots of a paced limit are granted.
    package static let horizon: Int64 = 250_000
    /// Who comes so much before its turn, because it had something to settle, need not come again.
    package static let earlyTurn: Int64 = 100_000
    /// Who wants what cannot be had for longer than this does not queue for it.
    package static let orderedMaximum: Int64 = 1_000_000
    /// Nobody needs a turn for what is left of a rolling limit beyond this part of it, in thousandths.
    package static let uncontendedPerMille: Int64 = 850
    /// Turns at a rolling limit are this part of its pace apart, in thousandths…
    package static let turnSpacingPerMille: Int64 = 990
    /// …and at most so many nanoseconds a call: 2 s, as slow as a paced limit may be.
    package static let slowest: Int64 = 2_000_000_000
    /// The largest drift of this span counts, for a rolling window…
    package static let rollingSteady: Int64 = 3_000_000
    /// …and for a day.
    package static let daySteady: Int64 = 30_000_000
    /// A learned capacity needs this many agreeing observations in a row.
    package static let agreements: Int64 = 3
    /// A new ledger whose vendor says nothing has learned after this many probe calls.
    package static let probes: Int64 = 3
    /// One 429 adds this part of the capacity to a window's cushion, in millionths.
    package static let cushionStep: Int64 = 5_000
    /// A cushion never exceeds this part of the capacity, in millionths.
    package static let cushionMaximum: Int64 = 500_000
    /// One 429 adds this to a paced limit's margin, in millionths.
    package static let marginStep: Int64 = 20_000
    /// A paced limit's margin, in millionths: at first, at least, at most.
    package static let marginStart: Int64 = 50_000
    package static let marginMinimum: Int64 = 20_000
    package static let marginMaximum: Int64 = 3_000_000
    /// The first pause after a 429 of a rolling window; each further one is twice as long, up to the longest.
    package static let pauseFirst: Int64 = 250_000
    package static let pauseDoublings: Int64 = 5
    /// The time between probes after a 429 of the day.
    package static let dayPause: Int64 = 300_000_000
    /// When to ask again, where only what others hold is in the way.
    package static let retryOutstanding: Int64 = 250_000
    /// After this long without an answer to the newest permit, another single call may probe the vendor.
    package static let probePatience: Int64 = 5_000_000
    /// An operator's hold lasts this long at most: ten years.
    package static let holdMaximum: Int64 = 3_650 * day
    /// A span of at least this length without any operation is noted: an older copy of the account may have taken its
    /// place.
    package static let pause: Int64 = 100_000
    /// When to ask again, while one call probes the vendor.
    package static let retryLearning: Int64 = 50_000
    /// When to ask again for more than a fair share of what is left.
    package static let retryShare: Int64 = 20_000
    /// The shortest time after which to ask again.
    package static let retryMinimum: Int64 = 1_000
    /// An instance is renewed when its last renewal is this old, or a quarter of its time to live: saves a write in
    /// most exchanges.
    package static let renewal: Int64 = 1_000_000
    /// Who is late by so much with its heartbeat may be working without the ledger: its part of the slots is left free…
    package static let suspectAfter: Int64 = 500_000
    /// …also when it was forgotten, for as long as strangers' calls were seen within this span.
    package static let strangersSteady: Int64 = 5_000_000
    /// …and for so long at most.
    package static let absence: Int64 = 120_000_000
    /// Slots are never farther apart than this, in nanoseconds.
    package static let slotSpacingMaximum: Int64 = 60_000_000_000
    /// Silent instances are looked for this often…
    package static let expiryInterval: Int64 = 1_000_000
    /// …and at most this many are ended at once.
    package static let expiryMaximum = 16
    /// The largest integer that crosses to Lua and back: half of 2^53.
    package static let epochMaximum: Int64 = 1 << 52
    /// A tenant's budget is forgotten after this idle span, or twice its longest window.
    package static let tenantIdle: Int64 = 172_800_000_000
}
