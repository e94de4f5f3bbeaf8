// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A child process that cannot outlive this one.
final class ServerProcess: Sendable {
    private let program: String
    private let log: String
    private let wrapper: [String]
    private let running = Guarded<pid_t?>(nil)

    /// - Parameter wrapper: a program, and its arguments, that starts the other. Default: none.
    init(program: String, log: String, wrapper: [String] = []) {
        (self.program, self.log, self.wrapper) = (program, log, wrapper)
    }

    deinit {
        signal(SIGKILL)
        _ = awaitEnd(within: 60)
    }

    var id: pid_t? { running.with { $0 } }

    /// Whether it runs. Collects it where it has ended.
    var isRunning: Bool {
        running.with { id in
            guard let child = id else { return false }
            var status: Int32 = 0
            if waitpid(child, &status, WNOHANG) != 0 { id = nil }
            return id != nil
        }
    }

    func start(_ arguments: [String]) throws {
        let child = SpawningThread.shared.spawn(Self.command(wrapper + [program]) + arguments, log: log)
        guard child > 0 else { throw RedisTestServerError("cannot start \(program): error \(-child)") }
        running.with { $0 = child }
    }

    func signal(_ number: Int32) {
        // Under the lock: the number is not another process' as long as this one is not collected.
        running.with { id in
            if let id { _ = kill(id, number) }
        }
    }

    /// Waits for its end. False: it goes on.
    func awaitEnd(within seconds: Double) -> Bool {
        let end = Date().addingTimeInterval(seconds)
        while isRunning {
            if Date() > end { return false }
            usleep(1_000)
        }
        return true
    }

    /// A program's path, from PATH.
    static func find(_ name: String) -> String? {
        let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/usr/local/bin"
        return folders.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    // On Linux the kernel kills the child with the thread that started it, which lives as long as this process.
    private static func command(_ words: [String]) -> [String] {
        guard let setpriv = find("setpriv") else { return words }
        return [setpriv, "--pdeathsig", "KILL", "--"] + words
    }
}
