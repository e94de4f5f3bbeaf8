// SPDX-License-Identifier: Apache-2.0

import RedisClient
import Testing

@Suite("Addresses of a Redis behind TLS", .tags(.memory))
struct TLSAddressTests {
    #if TLS
    private static let files = TLSSettings(authorityFile: "/a b/ca.crt", certificateFile: "/c&t", keyFile: "/k@y")

    @Test(
        "A scheme with TLS is read with its parameters, and shown with them",
        arguments: [
            ("rediss://h", TLSSettings(), "rediss://h:6379"),
            ("VALKEYS://:pw@h:1/2", TLSSettings(), "rediss://:***@h:1/2"),
            (
                "rediss://h?cacert=/ca.crt&db=3", TLSSettings(authorityFile: "/ca.crt"),
                "rediss://h:6379/3?cacert=%2Fca.crt"
            ),
            ("rediss://h?server-name=::1", TLSSettings(serverName: "::1"), "rediss://h:6379?server-name=%3A%3A1"),
            (
                "rediss://h?cacert=/a%20b/ca.crt&key=/k%40y&cert=/c%26t", files,
                "rediss://h:6379?cacert=%2Fa%20b%2Fca.crt&cert=%2Fc%26t&key=%2Fk%40y"
            ),
            (
                "rediss+sentinel://h,g/m/1?sentinel-password=x&server-name=r.test", TLSSettings(serverName: "r.test"),
                "rediss+sentinel://h:26379,g:26379/m/1?server-name=r.test&sentinel-password=***"
            ),
            (
                "rediss+cluster://h,g?server-name=r.test", TLSSettings(serverName: "r.test"),
                "rediss+cluster://h:6379,g:6379?server-name=r.test"
            ),
        ])
    func reads(_ text: String, _ settings: TLSSettings, _ shown: String) throws {
        let address = try RedisAddress(text)
        #expect(address.tls == settings)
        #expect(address.description == shown)
        #expect(address.at(.tcp(host: "other", port: 1)).tls == settings)
        if !shown.contains("***") { #expect(try RedisAddress(shown) == address) }
    }

    @Test(
        "A parameter that cannot be is an error, and so is one of TLS in an address without",
        arguments: [
            "rediss://h?cacert", "rediss://h?cacert=", "rediss://h?cacert=%4", "rediss://h?cacert=%00",
            "rediss://h?cacert=a&cacert=b", "rediss://h?cert=/c", "rediss://h?key=/k", "rediss://h?server-name=a%2Fb",
            "rediss://h?server-name=" + String(repeating: "a", count: 256), "rediss://h?x=1",
            "rediss+cluster://h?db=0", "rediss+sentinel://h/m?x=1",
            "redis://h?cacert=/c", "redis+cluster://h?cacert=/c", "redis+sentinel://h/m?cacert=/c",
            "unix:///p?cacert=/c",
        ])
    func refuses(_ text: String) {
        let error = #expect(throws: AddressError.self) { try RedisAddress(text) }
        #expect(error?.reason == .query)
    }
    #else
    @Test(
        "Without the trait, a scheme with TLS is an error, with what to do and without the password",
        arguments: ["rediss://:s3cret@h", "valkeys://h", "rediss+sentinel://h/m", "rediss+cluster://h?cacert=/ca.crt"])
    func refuses(_ text: String) {
        let error = #expect(throws: AddressError.self) { try RedisAddress(text) }
        #expect(error?.reason == .unsupported)
        let words = error?.description ?? ""
        #expect(words.contains("traits: [\"TLS\"]") && words.contains("deploy/stunnel.conf"), "\(words)")
        #expect(!words.contains("s3cret"))
    }
    #endif
}
