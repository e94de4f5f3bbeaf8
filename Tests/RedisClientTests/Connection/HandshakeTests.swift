// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RedisClient

@Suite("What a new connection says first, as a pure value")
struct HandshakeTests {
    private static let secret = "S3CRET"
    private static let errors = [
        "ERR unknown command 'AUTH', with args beginning with: '\(secret)'", "\(secret)", "\(secret) is wrong",
        "DENIED \(secret)", "ERR max number of clients \(secret)", "NOAUTH \(secret)", "ERR \(secret) out of range",
        "ERR called without any password configured \(secret)", "WRONGPASS\(secret)", "",
    ]

    /// All steps that there are.
    private static func handshake() throws -> Handshake {
        let address = try RedisAddress("redis://me:\(secret)@127.0.0.1:6379/3")
        return Handshake(address, clientName: "name", isNamedMaster: true)
    }

    @Test("No error of the server's, to any step, gets a word of what was sent into ours", arguments: errors)
    func secrets(_ text: String) throws {
        let handshake = try Self.handshake()
        #expect(handshake.count == 5)
        for step in 0..<handshake.count {
            do throws(RedisError) {
                let remark = try handshake.judge(step, .error(text))
                #expect(remark?.contains(Self.secret) == false)
            } catch {
                #expect(!"\(error)".contains(Self.secret), "step \(step)")
            }
        }
        var inquiry = SentinelInquiry("main")
        let refused = #expect(throws: RedisError.self) { try inquiry.judge(0, .error(text)) }
        #expect(refused?.message.contains(Self.secret) == false)
    }

    @Test("The kind of an error of Redis is shown", arguments: ["WRONGPASS", "NOPERM", "ERR"])
    func reason(word: String) throws {
        let handshake = try Self.handshake()
        let error = #expect(throws: RedisError.self) { try handshake.judge(0, .error("\(word) something")) }
        #expect(error?.code == .authentication && error?.message.contains("(\(word))") == true)
    }

    @Test(
        "An answer of another form than the step's ends the connection",
        arguments: [.null, .integer(1), .bulk([80]), .array([])] as [RedisValue])
    func form(_ answer: RedisValue) throws {
        let handshake = try Self.handshake()
        for step in 0..<handshake.count {
            #expect(throws: RedisError.self, "step \(step)") { try handshake.judge(step, answer) }
        }
        #expect(throws: RedisError.self, "the role") { try handshake.judge(3, .status("OK")) }
        for step in [0, 1, 2, 4] { #expect(try handshake.judge(step, .status("OK")) == nil) }
    }
}
