// SPDX-License-Identifier: Apache-2.0

import HeadroomTesting
import RedisClient
import Testing

@Suite("Addresses of a Redis", .tags(.threads, .memory))
struct RedisAddressTests {
    struct Good: Sendable, CustomTestStringConvertible {
        let text: String
        let place: RedisAddress.Target
        var user: String?
        var password: String?
        var database = 0
        let shown: String
        var testDescription: String { text }
    }

    static let good = [
        Good(text: "redis://h", place: .tcp(host: "h", port: 6379), shown: "redis://h:6379"),
        Good(text: "REDIS://h:1", place: .tcp(host: "h", port: 1), shown: "redis://h:1"),
        Good(text: "h:65535", place: .tcp(host: "h", port: 65_535), shown: "redis://h:65535"),
        Good(text: "localhost", place: .tcp(host: "localhost", port: 6379), shown: "redis://localhost:6379"),
        Good(text: "redis://h/", place: .tcp(host: "h", port: 6379), shown: "redis://h:6379"),
        Good(text: "redis://h/15", place: .tcp(host: "h", port: 6379), database: 15, shown: "redis://h:6379/15"),
        Good(text: "redis://h?db=3", place: .tcp(host: "h", port: 6379), database: 3, shown: "redis://h:6379/3"),
        Good(text: "redis://[::1]:7000", place: .tcp(host: "::1", port: 7000), shown: "redis://[::1]:7000"),
        Good(
            text: "[fe80::1%eth0]", place: .tcp(host: "fe80::1%eth0", port: 6379), shown: "redis://[fe80::1%eth0]:6379"),
        Good(text: "redis://:pw@h", place: .tcp(host: "h", port: 6379), password: "pw", shown: "redis://:***@h:6379"),
        Good(
            text: "redis://me:a%40b%3a%2F%25@h:7/2", place: .tcp(host: "h", port: 7), user: "me", password: "a@b:/%",
            database: 2, shown: "redis://me:***@h:7/2"),
        Good(
            text: "redis://me:a@b/c?d@h", place: .tcp(host: "h", port: 6379), user: "me", password: "a@b/c?d",
            shown: "redis://me:***@h:6379"),
        Good(
            text: "redis://m%3Ae:p:w@h", place: .tcp(host: "h", port: 6379), user: "m:e", password: "p:w",
            shown: "redis://m%3Ae:***@h:6379"),
        Good(text: "valkey://h:7/2", place: .tcp(host: "h", port: 7), database: 2, shown: "redis://h:7/2"),
        Good(text: "valkey+cluster://h", place: .cluster([end("h", 6379)]), shown: "redis+cluster://h:6379"),
        Good(
            text: "VALKEY+Sentinel://h/m", place: .sentinel(SentinelService("m", sentinels: [end("h", 26_379)])),
            shown: "redis+sentinel://h:26379/m"),
        Good(text: "unix:///run/r.sock", place: .unix(path: "/run/r.sock"), shown: "unix:///run/r.sock"),
        Good(
            text: "unix://:pw@/run/r@1.sock?db=1", place: .unix(path: "/run/r@1.sock"), password: "pw", database: 1,
            shown: "unix://:***@/run/r@1.sock?db=1"),
        Good(text: "unix:///a%20b", place: .unix(path: "/a b"), shown: "unix:///a b"),
        Good(text: "redis+cluster://h", place: .cluster([end("h", 6379)]), shown: "redis+cluster://h:6379"),
        Good(
            text: "redis-cluster://me:p%40w@h:1,[::1]:2,g,h:1/0",
            place: .cluster([end("h", 1), end("::1", 2), end("g", 6379)]), user: "me", password: "p@w",
            shown: "redis+cluster://me:***@h:1,[::1]:2,g:6379"),
        Good(
            text: "redis+sentinel://h/m", place: .sentinel(SentinelService("m", sentinels: [end("h", 26_379)])),
            shown: "redis+sentinel://h:26379/m"),
        Good(
            text: "sentinel://:p:w@h:1,g/my%2Dservice/3?sentinel-user=s%26t&sentinel-password=s%40cret",
            place: .sentinel(
                SentinelService(
                    "my-service", sentinels: [end("h", 1), end("g", 26_379)], user: "s&t", password: "s@cret")),
            password: "p:w", database: 3,
            shown: "redis+sentinel://:***@h:1,g:26379/my-service/3?sentinel-user=s%26t&sentinel-password=***"),
        Good(
            text: "redis+sentinel://h/m?db=2&sentinel-password=x",
            place: .sentinel(SentinelService("m", sentinels: [end("h", 26_379)], password: "x")), database: 2,
            shown: "redis+sentinel://h:26379/m/2?sentinel-password=***"),
    ]

    private static func end(_ host: String, _ port: Int) -> RedisEndpoint { RedisEndpoint(host: host, port: port) }

    @Test("A well-formed address is read, and shown without its password", arguments: good)
    func reads(_ good: Good) throws {
        let address = try RedisAddress(good.text)
        #expect(address.target == good.place)
        #expect(address.user == good.user)
        #expect(address.password == good.password)
        #expect(address.database == good.database)
        #expect(address.description == good.shown)
        #expect(address == RedisAddress(good.place, user: good.user, password: good.password, database: good.database))
    }

    @Test(
        "A malformed address is an error that names what is wrong",
        arguments: [
            ("", .empty),
            ("redis+tls://h", .unknownScheme), ("valkeyx://h", .unknownScheme), ("keydb+sentinel://h", .unknownScheme),
            ("redis+sentinel://h", .service), ("redis+sentinel://h/", .service), ("redis+sentinel://h//1", .service),
            ("redis+sentinel://h/%zz", .service), ("redis+sentinel:///m", .host), ("redis+sentinel://h,/m", .host),
            ("redis+sentinel://h:0,g/m", .port), ("redis+sentinel://h/m/x", .database),
            ("redis+sentinel://h/m/1/2", .database), ("redis+sentinel://me@h/m", .credentials),
            ("redis+sentinel://h/m?sentinel-user=u", .credentials), ("redis+sentinel://h/m?x=1", .query),
            ("redis+sentinel://h/m?sentinel-password=", .query), ("redis+sentinel://h/m?sentinel-password", .query),
            ("redis+sentinel://h/m?sentinel-password=%4", .query),
            ("redis+sentinel://h/m?sentinel-password=a@b", .query), ("redis+sentinel://h/m/1?db=2", .query),
            ("redis+sentinel://h/m?sentinel-password=a&sentinel-password=b", .query),
            ("redis+cluster://", .host), ("redis+cluster://h,,g", .host), ("redis+cluster://h,g:x", .port),
            ("redis+cluster://h/1", .database), ("redis+cluster://h/m", .database), ("redis+cluster://h?db=0", .query),
            ("redis+cluster://" + (0..<33).map { "h\($0)" }.joined(separator: ","), .host),
            ("http://h", .unknownScheme), ("://h", .unknownScheme),
            ("redis://", .host), ("redis://:6379", .host), ("redis://a b", .host), ("redis://[::1", .host),
            ("redis://[h]", .host), ("redis://[::1]x", .host), ("redis:///0", .host), ("redis://h#1", .host),
            ("redis://h:", .port), ("redis://h:0", .port), ("redis://h:65536", .port), ("redis://h:x", .port),
            ("redis://h:-1", .port), ("redis://h:99999999999999999999", .port), ("::1", .host),
            ("redis://h/x", .database), ("redis://h/-1", .database), ("redis://h/1/2", .database),
            ("redis://h/4294967296", .database), ("redis://h?db=", .database),
            ("redis://h?x=1", .query), ("redis://h/1?db=1", .query), ("redis://h?db=1&db=2", .database),
            ("redis://me@h", .credentials), ("redis://me:@h", .credentials), ("redis://@h", .credentials),
            ("redis://me:%zz@h", .credentials), ("redis://me:%4@h", .credentials), ("redis://me:%ff@h", .credentials),
            ("unix://", .path), ("unix:///", .path), ("unix://host/p", .path), ("unix://p", .path),
            ("unix:///a%00b", .path), ("unix:///" + String(repeating: "p", count: 103), .path),
            ("unix:///p?x=1", .query), ("unix:///p?db=x", .database),
        ] as [(String, AddressError.Reason)])
    func refuses(_ text: String, _ reason: AddressError.Reason) {
        let error = #expect(throws: AddressError.self) { try RedisAddress(text) }
        #expect(error?.reason == reason)
    }

    @Test("An error shows the address, and what to write instead")
    func advice() {
        let error = #expect(throws: AddressError.self) { try RedisAddress("redis://cache:70000/1") }
        #expect(
            error?.description
                == "Redis address 'redis://cache:70000/1' cannot be used: the port is a number from 1 to 65535; "
                + "a password is followed by @host")
    }

    @Test(
        "No error shows a password, wherever it was put",
        arguments: [
            "redis://:s3cret", "redis://me:s3cret", "redis://me:s3cret:6379", "redis://:s3cret@",
            "redis://me:s3cret@h:x",
            "redis://h:6379/s3cret", "redis://h?password=s3cret", "rediss://:s3cret@h", "s3cret://h:1/x",
            "redis://me:s3cret@h/x",
            "unix://:s3cret/x", "unix://:s3cret@h/x", "unix://:s3cr@et/s3cret@/p?x=1", "redis://:%zzs3cret@h",
            "redis:// s3cret:1", "redis://h:s3cret@h:h", "postgres://me:s3cret@h/s3cret", "me:s3cret",
            "redis+sentinel://me:s3cret@h", "redis+sentinel://me:s3cret,h/m", "redis+sentinel://h/s3cret/s3cret",
            "redis+sentinel://h/m?sentinel-password=s3cret&x=1", "redis+sentinel://h/m?sentinel-password=s3cr@s3cret",
            "redis+sentinel://h/m?sentinel-user=a&sentinel-password=s3cret", "redis+cluster://me:s3cret,h",
            "redis+cluster://:s3cret@h,g:x", "redis+cluster://h?password=s3cret", "redis+cluster://h,s3cret:s3cret",
        ])
    func redacts(_ text: String) throws {
        do {
            let address = try RedisAddress(text)
            #expect(!"\(address)".contains("s3cret"))
        } catch {
            #expect(!"\(error)".contains("s3cret") && !String(reflecting: error).contains("s3cret"))
        }
    }

    @Test("No print of an address shows its password")
    func prints() throws {
        let address = try RedisAddress("redis://me:s3cret@h")
        var dumped = ""
        dump(address, to: &dumped)
        #expect(!dumped.contains("s3cret") && !String(reflecting: address).contains("s3cret"))
        #expect(!String(reflecting: [address]).contains("s3cret"))
    }

    @Test("Any text is read or an error, and what is read reads the same from its own description", arguments: 0..<20)
    func fuzz(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "redis", "unix", "rediss", "redis+sentinel", "redis+cluster", ",", "sentinel-user=", "sentinel-password=",
            "cacert=", "server-name=", "rediss+sentinel",
            "://", ":", "/", "@", "?", "db=", "[", "]", "::1", "host", "6379", "%", "%41",
            "é", "\0",
            " ", "0", "99999", "p@ss", "/p.sock", "&", "#", "\u{1F600}",
        ]
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...9, using: &generator)
            let text = (0..<count).compactMap { _ in pieces.randomElement(using: &generator) }.joined()
            guard let address = try? RedisAddress(text), !address.description.contains("***") else { continue }
            #expect((try? RedisAddress(address.description)) == address, "\(text)")
        }
    }
}
