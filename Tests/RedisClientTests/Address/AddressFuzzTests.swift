// SPDX-License-Identifier: Apache-2.0

import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

@Suite("Addresses of any form")
struct AddressFuzzTests {
    private static let pieces = [
        "redis", "unix", "rediss", "redis+sentinel", "redis+cluster", "://", ":", "/", "@", "?", "db=", "[", "]", "::1",
        "host",
        "6379", "65536", "%", "%41", "%2", "%ff", "é", "\0", " ", "0", "99999999999999999999", "/p.sock", "&", "#", ",",
        "=",
        "\u{1F600}", "\u{301}", "timeout=1s", "name", secret, secret, secret,
    ]
    /// With a character that neither a host nor a scheme may have: what is shown of one is never it.
    private static let secret = "s3cr$t"

    @Test(
        "Any text is read or an error, in bounded length, and shows no secret", arguments: 1...4 as ClosedRange<UInt64>)
    func texts(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var (read, failed) = (0, 0)
        for _ in 0..<(FuzzSteps.count(60_000) / 4) {
            let text = Self.text(&generator)
            do throws(AddressError) {
                let address = try RedisAddress(text)
                read += 1
                let isAgain = address.password != nil || (try? RedisAddress(address.description)) == address
                if !isAgain { Issue.record("'\(text)' reads as \(address), which does not read as itself") }
                let isPath = address.endpoint.contains(Self.secret)
                if !isPath, Self.shows(address) { Issue.record("'\(text)' shows its password: \(address)") }
            } catch {
                failed += 1
                if Self.shows(error) { Issue.record("'\(text)' shows its password: \(error)") }
            }
        }
        #expect(read > 100 && failed > 100, "\(read) read, \(failed) errors")
    }

    private static func text(_ generator: inout SeededGenerator) -> String {
        let begin = ["redis://", "redis://", "unix://", ""][Int.random(in: 0..<4, using: &generator)]
        let login = Int.random(in: 0..<3, using: &generator) == 0 ? ":\(secret)@" : ""
        let count = Int.random(in: 0...7, using: &generator)
        return begin + login + (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
    }

    private static func shows(_ value: some CustomStringConvertible) -> Bool {
        value.description.contains(secret) || String(reflecting: value).contains(secret)
    }
}
