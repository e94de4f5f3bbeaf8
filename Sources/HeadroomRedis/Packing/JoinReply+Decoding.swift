// SPDX-License-Identifier: Apache-2.0

import Headroom

extension JoinReply {
    init(decoding reply: RedisValue) throws(LedgerError) {
        var reader = try ReplyReader(reply)
        // An epoch out of its range would make every later join invalid.
        self.init(
            epoch: try reader.natural(most: Rules.epochMaximum), isNew: try reader.integer() == 1,
            aliveFor: try reader.natural(most: Rules.day), pausedFor: try reader.natural(),
            resumedFor: try reader.natural())
    }
}
