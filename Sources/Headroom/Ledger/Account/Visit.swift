// SPDX-License-Identifier: Apache-2.0

/// What one exchange has taken and been told so far, over all that it wants.
struct Visit {
    /// Permits that the instance holds and has not handed out.
    var pooled: Int64
    /// Whether the instance was told its next turn: once an exchange.
    var hasTurn = false
}
