// SPDX-License-Identifier: Apache-2.0
import HeadroomRedis
import RedisClient
import Testing
import struct Foundation.Data
import struct Foundation.URL
@Suite struct DumpTests {
    @Test func dump() throws {
        for (n, s) in ["join": LedgerScript.join, "exchange": .exchange, "hold": .hold] {
            try Data(s.script.source).write(to: URL(filePath: "/tmp/\(n).lua"))
        }
    }
}
