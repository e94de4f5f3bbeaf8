// SPDX-License-Identifier: Apache-2.0

/// What one exchange has taken and been told so far, over all that it wants.
struct ExchangeProgress {
    /// Permits that the instance holds and has not handed out.
    var pooled: Int64
    /// Permits that it got in its turn, and when that began.
    var taken: Int64 = 0
    var start: Int64 = 0
    /// Whether the instance has queued, or its turn was held up: once an exchange.
    var hasQueued = false
}
