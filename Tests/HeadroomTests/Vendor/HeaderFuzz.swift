// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting

/// Makes header sets out of the vendor's real ones, mutated, and of what no vendor would send.
struct HeaderFuzz {
    var random: SeededGenerator

    private static let families = [
        "x-keap-product-throttle-", "x-keap-product-quota-", "x-keap-tenant-throttle-",
        "X-Apigee-Product-Throttle-",
        "X-Apigee-Product-Quota-",
    ]
    private static let fields = ["limit", "time-unit", "interval", "available", "used", "Expiry-Time"]
    private static let names =
        families.flatMap { family in fields.map { family + $0 } }
        + ["x-keap-product-spike-limit", "X-Keap-Tenant-Id", "date", "Retry-After", "content-type", "", "x", "x-keap-"]
    private static let values = [
        "", " ", "|", "0", "1", "239", "240", "1500", "149862", "10000|250000", "9999|249999", "1|1", "minute", "day",
        "minute|day", "day|minute|second|hour", "second", "10ps", "600pm", "example.infusionsoft.com", "1000000000",
        "1000000001", "158663200", "1795392000", "1795392000000", "1795392000000000", "9223372036854775807",
        "9223372036854775808", "18446744073709551616", "-1", "+5", "1e3", "0x10", "1,500", "NaN", "∞", "٣", "👩‍👩‍👧",
        "Sun, 22 Nov 2026 10:00:00 GMT", "Sunday, 22-Nov-26 10:00:00 GMT", "Sun Nov 22 10:00:00 2026", "||||||||",
    ]
    private static let bytes = Array("0123456789|.-+ \tpsmGT{}\"\\:,eE\u{0}\r\n".utf8)
    private static let bodies = [
        Array(#"{"fault":{"faultstring":"x","detail":{"errorcode":"policies.ratelimit.QuotaViolation"}}}"#.utf8),
        Array(#"{"code":"429","message":"Quota Exceeded","status":"Request Throttled","details":null}"#.utf8),
    ]

    private mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: random.next() >> 33) % bound }

    /// One to six headers, some of them twice.
    mutating func headers() -> [(name: String, value: String)] {
        (0...below(6)).map { _ in (name: name(), value: value()) }
    }

    mutating func status() -> Int { [200, 401, 429, 429, 500, .min, .max][below(7)] }

    mutating func body() -> [UInt8] {
        let choice = below(8)
        return choice < 2 ? mutated(Self.bodies[choice]) : choice == 2 ? garbage() : []
    }

    private mutating func name() -> String {
        let name = Self.names[below(Self.names.count)]
        return below(16) == 0 ? String(decoding: mutated(Array(name.utf8)), as: UTF8.self) : name
    }

    private mutating func value() -> String {
        switch below(8) {
        case 0: String(decoding: mutated(Array(Self.values[below(Self.values.count)].utf8)), as: UTF8.self)
        case 1: String(decoding: garbage(), as: UTF8.self)
        case 2: String(random.next() >> UInt64(below(64)))
        case 3: "\(below(2_000))|\(below(300_000))"
        default: Self.values[below(Self.values.count)]
        }
    }

    /// A few bytes changed, dropped or put in.
    private mutating func mutated(_ original: [UInt8]) -> [UInt8] {
        var result = original
        for _ in 0...below(3) {
            let position = below(result.count + 1)
            let byte = below(2) == 0 ? UInt8(below(256)) : Self.bytes[below(Self.bytes.count)]
            switch below(3) {
            case 0: result.insert(byte, at: position)
            case 1 where position < result.count: result.remove(at: position)
            case 2 where position < result.count: result[position] = byte
            default: break
            }
        }
        return result
    }

    private mutating func garbage() -> [UInt8] { (0..<below(24)).map { _ in UInt8(below(256)) } }
}
