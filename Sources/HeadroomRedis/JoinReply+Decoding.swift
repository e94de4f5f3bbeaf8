// SPDX-License-Identifier: Apache-2.0

import Headroom

extension JoinReply {
    init(decoding reply: RedisValue) throws(LedgerError) {
        var reader = try ReplyReader(reply)
        self.init(epoch: try reader.natural(), isNew: try reader.integer() == 1, aliveFor: try reader.natural())
    }
}
