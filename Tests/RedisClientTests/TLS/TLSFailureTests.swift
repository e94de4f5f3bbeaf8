// SPDX-License-Identifier: Apache-2.0

#if TLS
import RedisClient
import RedisTestServer
import Testing

@Suite("TLS to the wrong Redis, or with the wrong files", .tags(.memory))
struct TLSFailureTests {
    /// What the error says; it has to be one that leaves nothing in doubt, and no server may have seen a password.
    private func failureText(
        _ address: String, _ server: RedisTestServer? = nil, patience: Duration = .seconds(5)
    ) async throws -> String {
        let redis = try connection(address) { $0.connectTimeout = patience }
        let error = await failure { try await redis.send(RedisCommand("PING")) }
        #expect(error?.code == .unavailable && error?.mayHaveRun == false, "\(String(describing: error))")
        #expect(error?.message.contains("s3cret") == false)
        #expect(try server?.command("INFO", "commandstats").contains("cmdstat_auth") != true)
        return error?.message ?? "no error"
    }

    @Test("A certificate for another host is not accepted, unless that host's name is the one wanted")
    func wrongHost() async throws {
        let redis = try SecureRedis("DNS:redis.test,IP:127.0.0.9")
        for host in ["localhost", "127.0.0.1"] {
            let text = try await failureText(redis.address(host, login: ":s3cret@"), redis.server)
            #expect(text.contains("its certificate is not one for '\(host)'"), "\(text)")
            #expect(text.contains("server-name="), "\(text)")
        }
        for name in ["redis.test", "127.0.0.9"] {
            #expect(await echoes(try connection(redis.address(with: "&server-name=\(name)")), name))
        }
        let text = try await failureText(redis.address(with: "&server-name=test"), redis.server)
        #expect(text.contains("hostname mismatch"), "\(text)")
    }

    @Test("A certificate of an authority that is not trusted is not accepted, nor is one whose time is over")
    func untrusted() async throws {
        let redis = try SecureRedis()
        let stranger = try TestAuthority()
        let address = "rediss://:s3cret@127.0.0.1:\(redis.port)"
        let strange = try await failureText("\(address)?cacert=\(stranger.file)", redis.server)
        #expect(strange.contains("its certificate is not trusted") && strange.contains(stranger.file), "\(strange)")
        let unnamed = try await failureText(address, redis.server)
        #expect(unnamed.contains("?cacert="), "\(unnamed)")
        let old = try SecureRedis(isExpired: true)
        let expired = try await failureText(old.address(login: ":s3cret@"), old.server)
        #expect(expired.contains("certificate has expired"), "\(expired)")
    }

    @Test("Where the server wants a certificate of ours, one of its authority is let in; none and a stranger's are not")
    func ownCertificate() async throws {
        let redis = try SecureRedis { $0.tls?.wantsClientCertificate = true }
        let own = try redis.authority.issue("worker", for: "DNS:worker")
        let files = "&cert=\(own.file)&key=\(own.keyFile)"
        #expect(await echoes(try connection(redis.address(with: files)), "in"))
        let none = try await failureText(redis.address())
        #expect(none.contains("certificate required") && none.contains("?cert="), "\(none)")
        let stranger = try TestAuthority()
        let strange = try stranger.issue("worker", for: "DNS:worker")
        let unknown = try await failureText(redis.address(with: "&cert=\(strange.file)&key=\(strange.keyFile)"))
        #expect(unknown.contains("unknown ca"), "\(unknown)")
    }

    @Test("A file that is missing, empty, or not what it should be is named in the error")
    func files() async throws {
        let redis = try SecureRedis()
        let own = try redis.authority.issue("worker", for: "DNS:worker")
        let other = try redis.authority.issue("other", for: "DNS:other")
        let encrypted = try redis.authority.encryptedKey(of: own)
        let address = "rediss://127.0.0.1:\(redis.port)"
        func pair(_ file: String, _ key: String) -> String { redis.address(with: "&cert=\(file)&key=\(key)") }
        let cases = [
            ("\(address)?cacert=/no/such.crt", "(cacert) '/no/such.crt' cannot be used: No such file"),
            ("\(address)?cacert=/dev/null", "(cacert) '/dev/null' cannot be used"),
            (pair("/no/such.crt", own.keyFile), "(cert) '/no/such.crt' cannot be used: No such file"),
            (pair(own.file, own.file), "(key; not encrypted) '\(own.file)' cannot be used"),
            (pair(own.file, other.keyFile), "'\(other.keyFile)' cannot be used: key values mismatch"),
            (pair(own.file, encrypted), "'\(encrypted)' cannot be used"),
        ]
        for (address, words) in cases {
            let text = try await failureText(address)
            #expect(text.contains(words), "\(text)")
        }
    }

    @Test("A server without TLS is named as that, and one that says nothing ends with the attempt's time")
    func plain() async throws {
        let redis = try SecureRedis()
        let address = "rediss://127.0.0.1:\(redis.server.port ?? 0)?cacert=\(redis.authority.file)"
        let text = try await failureText(address, patience: .milliseconds(500))
        #expect(text.contains("(is it a port for TLS?)") || text.contains("it does not answer in TLS"), "\(text)")
        redis.server.pause()
        let silent = try await failureText(redis.address(), patience: .milliseconds(500))
        #expect(silent.contains("no success in time, waiting for the TLS handshake"), "\(silent)")
        redis.server.resume()
    }
}
#endif
