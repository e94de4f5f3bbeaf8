// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A certificate authority for tests, and what it issues: real files made by the `openssl` program, gone with the last
/// reference.
public final class TestAuthority: Sendable {
    /// A certificate and its key.
    public struct Certificate: Sendable {
        public let file: String
        public let keyFile: String
    }

    /// The folder of all files.
    public let folder: String
    /// The authority's own certificate.
    public var file: String { "\(folder)/authority.crt" }
    private let openssl: String

    public init() throws {
        guard let program = ServerProcess.find("openssl") else {
            throw RedisTestServerError("openssl is not installed; run Scripts/setup --tests")
        }
        openssl = program
        var template = Array("/tmp/headroom-tls-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw RedisTestServerError("no temporary folder: error \(errno)") }
        folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        try run(
            ["req", "-x509", "-subj", "/CN=Test authority", "-days", "2", "-out", file]
                + newKey("\(folder)/authority.key"), makes: file)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Issues a certificate.
    ///
    /// - Parameters:
    ///   - name: of its files.
    ///   - names: what it is for, such as `DNS:localhost` and `IP:127.0.0.1`.
    ///   - isExpired: whether it was valid until yesterday. Default: it is valid.
    public func issue(_ name: String, for names: String..., isExpired: Bool = false) throws -> Certificate {
        let base = "\(folder)/\(name)"
        try "subjectAltName=\(names.joined(separator: ","))\n"
            .write(toFile: "\(base).ext", atomically: true, encoding: .utf8)
        try run(
            ["req", "-subj", "/CN=\(name)", "-out", "\(base).csr"] + newKey("\(base).key"), makes: "\(base).csr")
        try run(
            ["x509", "-req", "-in", "\(base).csr", "-CA", file, "-CAkey", "\(folder)/authority.key", "-CAcreateserial"]
                + ["-days", isExpired ? "-1" : "2", "-extfile", "\(base).ext", "-out", "\(base).crt"],
            makes: "\(base).crt")
        return Certificate(file: "\(base).crt", keyFile: "\(base).key")
    }

    /// A certificate's key, encrypted with a password.
    public func encryptedKey(of certificate: Certificate) throws -> String {
        let file = certificate.keyFile + ".encrypted"
        try run(
            ["pkey", "-in", certificate.keyFile, "-aes256", "-passout", "pass:s3cret", "-out", file], makes: file)
        return file
    }

    private func newKey(_ file: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file]
    }

    private func run(_ arguments: [String], makes file: String) throws {
        let log = "\(folder)/log"
        let process = ServerProcess(program: openssl, log: log)
        try process.start(arguments)
        guard process.awaitEnd(within: 60), FileManager.default.fileExists(atPath: file) else {
            let output = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            throw RedisTestServerError("openssl did not make \(file):\n\(output.suffix(1_000))")
        }
    }
}
