// SPDX-License-Identifier: Apache-2.0

import RedisTestServer
import Testing

@testable import RedisClient

@Suite("Slots of keys")
struct HashSlotTests {
    @Test("The checksum of the specification's example, and of nothing")
    func checksum() {
        #expect(HashSlot.checksum("123456789".utf8) == 0x31C3)
        #expect(HashSlot.checksum("".utf8) == 0)
    }

    @Test(
        "Known keys lie in their known slots",
        arguments: [
            ("123456789", 12_739), ("foo", 12_182), ("bar", 5_061), ("", 0), ("hello", 866), ("somekey", 11_058),
            ("foo{hash_tag}", 2_515), ("bar{hash_tag}", 2_515),
        ])
    func known(_ key: String, _ slot: Int) { #expect(HashSlot(of: key).number == slot) }

    @Test(
        "Only what stands in the first braces counts, unless that is nothing",
        arguments: [
            ("headroom:1:{a}:state", "a"), ("{user1000}.following", "user1000"), ("foo{{bar}}zap", "{bar"),
            ("foo{bar}{zap}", "bar"), ("foo{}{bar}", "foo{}{bar}"), ("foo{bar", "foo{bar"), ("foo}bar{", "foo}bar{"),
        ])
    func tags(_ key: String, _ tag: String) {
        #expect(HashSlot(of: key).number == Int(HashSlot.checksum(tag.utf8)) % 16_384)
    }

    @Test("Redis agrees on any key")
    func agrees() throws {
        var options = RedisTestServer.Options()
        options.configLines = ["cluster-enabled yes", "cluster-port \(try FreePort.find())"]
        let server = try RedisTestServer(options)
        for key in ["a", "{a}", "b{a}c", "é{ü}", "{}", "x{}", "}{", "{{a}}", "headroom:1:{my-app}:state", "🙂{🙃}"] {
            #expect(try server.words("CLUSTER", "KEYSLOT", key) == ["\(HashSlot(of: key).number)"], "\(key)")
        }
    }

    @Test("There are 16384 of them")
    func range() {
        #expect(HashSlot(0) != nil && HashSlot(16_383) != nil)
        #expect(HashSlot(-1) == nil && HashSlot(16_384) == nil)
    }
}
