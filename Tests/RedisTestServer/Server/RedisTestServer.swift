// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A real redis-server for tests: on a free port or a socket file, with its data in a temporary folder of its own.
///
/// It ends with `stop()`, with the last reference, or with the test process, whichever comes first, and its folder with
/// it. Every method blocks until what it does is done, a few milliseconds as a rule. Any thread may call them.
public final class RedisTestServer: Sendable {
    /// What the server is to be like.
    public struct Options: Sendable {
        /// Listen on a socket file rather than on a port of 127.0.0.1. Default: a port.
        public var usesUnixSocket = false
        /// The password of the default user. Default: none.
        public var password: String?
        /// More lines of configuration, such as `maxmemory 10mb`. Default: none.
        public var configLines: [String] = []
        /// A configuration file to begin with; port, folder and persistence are set after it. Default: none.
        public var configFile: String?
        /// The lines of an ACL file, such as `user me on >secret ~* +@all`. Default: no such file.
        public var aclLines: [String] = []
        /// Start a sentinel, which watches over other servers, rather than a Redis. Default: a Redis.
        public var isSentinel = false
        /// Listen with TLS on another port as well. Default: no.
        public var tls: TLS?
        /// The clock of the server. Default: the system's clock.
        public var clock: SteppedClock?

        public init() {}
    }

    /// How a server takes part in TLS.
    public struct TLS: Sendable {
        public var authority: TestAuthority
        public var certificate: TestAuthority.Certificate
        /// Whether clients have to show a certificate, too. Default: no.
        public var wantsClientCertificate = false

        public init(_ certificate: TestAuthority.Certificate, from authority: TestAuthority) {
            (self.authority, self.certificate) = (authority, certificate)
        }

        fileprivate func lines(_ port: Int) -> [String] {
            [
                "tls-port \(port)", "tls-ca-cert-file \(authority.file)", "tls-cert-file \(certificate.file)",
                "tls-key-file \(certificate.keyFile)", "tls-auth-clients \(wantsClientCertificate ? "yes" : "no")",
            ]
        }
    }

    /// The folder of the server's files, gone once the server is.
    public let folder: String
    /// The port on 127.0.0.1; nil with a socket file.
    public var port: Int? { chosenPort.with { $0 } }
    /// The port on 127.0.0.1 that wants TLS; nil where there is none.
    public var tlsPort: Int? { chosenTLSPort.with { $0 } }
    /// The socket file; nil with a port.
    public let socketPath: String?
    private let options: Options
    private let process: ServerProcess
    private let chosenPort = Guarded<Int?>(nil)
    private let chosenTLSPort = Guarded<Int?>(nil)

    /// Starts a server and waits until it answers.
    ///
    /// - Throws: ``RedisTestServerError`` where there is no redis-server, or it does not start; with its output.
    public init(_ options: Options = Options()) throws {
        let program = try ServerProgram.chosen.get().path
        self.options = options
        folder = try Self.makeFolder()
        socketPath = options.usesUnixSocket ? folder + "/redis.sock" : nil
        process = ServerProcess(program: program, log: folder + "/log", wrapper: options.clock?.wrapper ?? [])
        do {
            try startAnywhere()
        } catch {
            process.signal(SIGKILL)
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The address, with the password where there is one.
    public var address: String {
        let login = options.password.map {
            ":" + ($0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? $0) + "@"
        }
        if let socketPath { return "unix://\(login ?? "")\(socketPath)" }
        return "redis://\(login ?? "")127.0.0.1:\(port ?? 0)"
    }

    /// The server's process; nil while it does not run.
    public var processID: Int32? { process.id }

    /// Ends the server in order; by force where it does not end within 30 s.
    public func stop() {
        process.signal(SIGCONT)
        process.signal(SIGTERM)
        if !process.awaitEnd(within: 30) { kill() }
    }

    /// Ends the server at once, as a crash would.
    public func kill() {
        process.signal(SIGKILL)
        _ = process.awaitEnd(within: 60)
    }

    /// Makes the server stand still: connections stay, nothing answers.
    public func pause() { process.signal(SIGSTOP) }

    /// Lets a paused server go on.
    public func resume() { process.signal(SIGCONT) }

    /// Starts the server anew at the same place, empty unless its configuration keeps data; ends it before if it runs.
    public func restart() throws {
        kill()
        if let socketPath { unlink(socketPath) }
        try start()
    }

    /// Sends one command over a connection of its own, as the default user, and returns the raw answer. For what a test
    /// has to do behind the back of the connection under test.
    @discardableResult
    public func command(_ words: String...) throws -> String {
        try connect().send(words)
    }

    /// A connection that stays, as the default user.
    public func connect() throws -> AdminConnection {
        try AdminConnection(port: port, path: socketPath, password: options.password)
    }

    /// Waits until replicas have all that was written until now.
    ///
    /// - Parameters:
    ///   - count: how many replicas.
    ///   - key: one to write to, in a slot that is the server's own.
    public func awaitReplicas(_ count: Int, key: String) throws {
        let connection = try connect()
        _ = try connection.send(["SET", key, ""])
        guard try connection.send(["WAIT", "\(count)", "0"]) == ":\(count)\r\n" else {
            throw RedisTestServerError("not all of \(count) replicas have what was written")
        }
    }

    /// The texts and numbers of a command's answer, one after the other.
    public func words(_ words: String...) throws -> [String] { try self.words(words) }

    /// The same for words in an array.
    public func words(_ words: [String]) throws -> [String] {
        RawAnswer.words(try connect().send(words))
    }

    // Another process may take a port between the moment it was found free and the server's start.
    private func startAnywhere() throws {
        for attempt in 1...5 {
            do {
                if !options.usesUnixSocket {
                    let free = try FreePort.find()
                    chosenPort.with { $0 = free }
                }
                if options.tls != nil {
                    let free = try FreePort.find()
                    chosenTLSPort.with { $0 = free }
                }
                try writeConfiguration()
                return try start()
            } catch  where attempt < 5 && !options.usesUnixSocket {
                kill()
            }
        }
    }

    private func start() throws {
        try process.start(["\(folder)/redis.conf"] + (options.isSentinel ? ["--sentinel"] : []))
        let end = Date().addingTimeInterval(60)
        while Date() < end {
            guard process.isRunning else { break }
            // Any answer will do, also one that wants a password; a server that still loads its data is not ready.
            if let answer = try? command("PING"), !answer.hasPrefix("-LOADING") { return }
            usleep(5_000)
        }
        let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
        throw RedisTestServerError("redis-server did not start; its output:\n\(log.suffix(2_000))")
    }

    private func writeConfiguration() throws {
        var lines = options.configFile.map { ["include \($0)"] } ?? []
        lines += ["dir \(folder)", "daemonize no", "port \(port ?? 0)"]
        lines += options.isSentinel ? [] : ["save \"\"", "appendonly no"]
        lines += port == nil ? [] : ["bind 127.0.0.1"]
        lines += socketPath.map { ["unixsocket \($0)"] } ?? []
        lines += options.password.map { ["requirepass \($0)"] } ?? []
        if let tls = options.tls, let tlsPort { lines += tls.lines(tlsPort) }
        if !options.aclLines.isEmpty {
            try write(options.aclLines, "users.acl")
            lines.append("aclfile \(folder)/users.acl")
        }
        try write(lines + options.configLines, "redis.conf")
    }

    private func write(_ lines: [String], _ name: String) throws {
        try lines.map { $0 + "\n" }.joined().write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
    }

    private static func makeFolder() throws -> String {
        // Short: the path of a socket file has little room.
        var template = Array("/tmp/headroom-redis-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw RedisTestServerError("no temporary folder: error \(errno)") }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// Why there is no server.
public struct RedisTestServerError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
