// SPDX-License-Identifier: Apache-2.0

import HeadroomCLI
import RedisClient
import Testing

@Suite("Addresses as people give them")
struct RedisTextTests {
    private static let password = "p@ss:w%rd/?#é"

    @Test(
        "An address that names a user and no password takes the password that stands beside it",
        arguments: [
            ("redis://me@h:7/2", "me"), ("redis://@h", nil), ("unix://me@/run/r.sock?db=1", "me"),
            ("redis+sentinel://me@h,g:1/m?sentinel-user=u&sentinel-password=p", "me"),
            ("redis+cluster://m%3Ae@h", "m:e"),
        ] as [(String, String?)])
    func completed(text: String, user: String?) throws {
        let address = try RedisAddress(try RedisText.completed(text, password: Self.password))
        #expect(address.user == user)
        #expect(address.password == Self.password)
    }

    @Test(
        "An address with a password, or without a user, stays as it is",
        arguments: ["redis://me:pw@h", "redis://:pw@h", "redis://h", "h:1", "redis://me:a@b/c?d@h", "unix:///p@q.sock"])
    func unchanged(text: String) throws {
        #expect(try RedisText.completed(text, password: Self.password) == text)
    }

    @Test("Without a password anywhere the error says where it is looked for; no error shows one")
    func failures() {
        let none = #expect(throws: OptionError.self) { try RedisText.completed("redis://me@h", password: nil) }
        #expect(none?.description.contains("HEADROOM_REDIS_PASSWORD") == true)
        for text in ["redis://me@h:x", "redis://me:%zz@h", "redis://me@h/x"] {
            let error = #expect(throws: OptionError.self) { try RedisText.completed(text, password: "s3cret") }
            #expect(error?.description.contains("s3cret") == false)
        }
    }
}
