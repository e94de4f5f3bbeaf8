// SPDX-License-Identifier: Apache-2.0

import Headroom

/// The account's constants under the names that they have in Lua. Their values are in ``Headroom/Rules`` alone.
enum LuaConstants {
    static let all: [String: String] = numbers.mapValues(String.init).merging(texts) { $1 }

    private static let numbers: [String: Int64] = [
        "VERSION": Rules.version,
        "DAY": Rules.day,
        "DAY_SKEW": Rules.daySkew,
        "CATCH_UP": Rules.catchUp,
        "SUB_WINDOWS": Rules.subWindows,
        "RING_LENGTH": Rules.ringLength,
        "SUB_WINDOW_MAXIMUM": Rules.subWindowMaximum,
        "TENANT_IDLE": Rules.tenantIdle,
        "HORIZON": Rules.horizon,
        "SLOT_SPACING_MAXIMUM": Rules.slotSpacingMaximum,
        "EARLY_TURN": Rules.earlyTurn,
        "QUEUEING_MAXIMUM": Rules.queueingMaximum,
        "UNCONTENDED_PER_MILLE": Rules.uncontendedPerMille,
        "TURN_SPACING_PER_MILLE": Rules.turnSpacingPerMille,
        "TURN_SPACING_MAXIMUM": Rules.turnSpacingMaximum,
        "ROLLING_STEADY": Rules.rollingSteady,
        "DAY_STEADY": Rules.daySteady,
        "STRANGERS_STEADY": Rules.strangersSteady,
        "AGREEMENTS": Rules.agreements,
        "PROBES": Rules.probes,
        "PROBE_PATIENCE": Rules.probePatience,
        "CUSHION_STEP": Rules.cushionStep,
        "CUSHION_MAXIMUM": Rules.cushionMaximum,
        "MARGIN_STEP": Rules.marginStep,
        "MARGIN_START": Rules.marginStart,
        "MARGIN_MINIMUM": Rules.marginMinimum,
        "MARGIN_MAXIMUM": Rules.marginMaximum,
        "PAUSE_FIRST": Rules.pauseFirst,
        "PAUSE_DOUBLINGS": Rules.pauseDoublings,
        "DAY_PAUSE": Rules.dayPause,
        "RETRY_OUTSTANDING": Rules.retryOutstanding,
        "RETRY_LEARNING": Rules.retryLearning,
        "RETRY_SHARE": Rules.retryShare,
        "RETRY_MINIMUM": Rules.retryMinimum,
        "SUSPECT_AFTER": Rules.suspectAfter,
        "DEPARTED_MAXIMUM": Rules.departedMaximum,
        "EXPIRY_INTERVAL": Rules.expiryInterval,
        "EXPIRY_MAXIMUM": Int64(Rules.expiryMaximum),
        "EXPIRED_DROPPED": Int64(Rules.expiredDropped),
        "MAXIMUM_LIMITS": Int64(Plan.maximumLimits),
        "EXPIRED_PIECES": Int64(Rules.expiredMaximum / Rules.expiredDropped),
        "KEEP_INTERVAL": keepInterval,
        "STAMP": Int64(StoredForm.stamp),
        "RING_PIECE": Int64(StoredForm.ringPiece),
        "RING_PIECES": Int64(StoredForm.ringPieces),
        "ROSTER_PIECE": 256,
        "ROSTER_PIECES": Int64(StoredForm.rosterPieces),
        "RENEWED_END": Int64(StoredForm.stamp + PackedNumber.signedTime.length),
        "FETCH_MAXIMUM": 1_000,
        "WRITE_MAXIMUM": 4_000,
        "KNOWN_ACCOUNTS": 64,
        "KNOWN_INSTANCES": 2_000,
        "ROLLING": LimitAccount.Kind.rolling.rawValue,
        "DAILY": LimitAccount.Kind.day.rawValue,
        "PACED": LimitAccount.Kind.paced.rawValue,
        "UNSHORT": ShortageCode.none.rawValue,
        "SHORT_LIMIT": ShortageCode.limit.rawValue,
        "SHORT_LEARNING": ShortageCode.learning.rawValue,
        "SHORT_HOLD": ShortageCode.hold.rawValue,
    ]

    /// Texts in Lua's quotes: how `struct` packs what is no record.
    private static let texts = [
        "CELLS_FORM": "'<\(String(repeating: PackedNumber.count.form, count: StoredForm.ringPiece))'",
        "MARK_FORM": "'<\(ReplyRecords.mark.form)'",
        "RENEWED_FORM": "'<\(PackedNumber.signedTime.form)'",
        "EXPIRED_FORM": "'<s\(PackedNumber.time.form)'",
    ]

    /// The time, in microseconds, for which a key's time to live is not renewed: most operations save the write.
    private static let keepInterval: Int64 = 60_000_000
}
