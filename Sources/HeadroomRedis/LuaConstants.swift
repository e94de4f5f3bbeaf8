// SPDX-License-Identifier: Apache-2.0

import Headroom

/// The account's constants under the names that they have in Lua: said once, in ``Headroom/Rules``.
enum LuaConstants {
    static let all: [String: Int64] = [
        "VERSION": Rules.version,
        "PARTS": Rules.parts,
        "CELLS": Rules.cells,
        "CELL_MAXIMUM": Rules.cellMaximum,
        "DAY": Rules.day,
        "DAY_SKEW": Rules.daySkew,
        "CATCH_UP": Rules.catchUp,
        "HORIZON": Rules.horizon,
        "EARLINESS": Rules.earliness,
        "ORDERED_MAXIMUM": Rules.orderedMaximum,
        "PLENTY": Rules.plenty,
        "HASTE": Rules.haste,
        "SLOWEST": Rules.slowest,
        "ROLLING_STEADY": Rules.rollingSteady,
        "DAY_STEADY": Rules.daySteady,
        "AGREEMENTS": Rules.agreements,
        "PROBES": Rules.probes,
        "CUSHION_STEP": Rules.cushionStep,
        "CUSHION_MAXIMUM": Rules.cushionMaximum,
        "MARGIN_STEP": Rules.marginStep,
        "MARGIN_START": Rules.marginStart,
        "MARGIN_MINIMUM": Rules.marginMinimum,
        "MARGIN_MAXIMUM": Rules.marginMaximum,
        "PAUSE_FIRST": Rules.pauseFirst,
        "PAUSE_DOUBLINGS": Rules.pauseDoublings,
        "DAY_PAUSE": Rules.dayPause,
        "PAUSE": Rules.pause,
        "PROBE_PATIENCE": Rules.probePatience,
        "RETRY_OUTSTANDING": Rules.retryOutstanding,
        "RETRY_LEARNING": Rules.retryLearning,
        "RETRY_SHARE": Rules.retryShare,
        "RETRY_MINIMUM": Rules.retryMinimum,
        "RENEWAL": Rules.renewal,
        "REAP_INTERVAL": Rules.reapInterval,
        "QUIET": Rules.quiet,
        "STRANGERS_STEADY": Rules.strangersSteady,
        "REAP_MAXIMUM": Int64(Rules.reapMaximum),
        "TENANT_IDLE": Rules.tenantIdle,
        "KEEP_INTERVAL": 60_000_000,
        "MAXIMUM_LIMITS": Int64(Plan.maximumLimits),
    ]
}
