// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A wall clock of a server that a test steps while the server runs, by libfaketime. Linux only; what measures spans
/// goes on undisturbed, as it does where a real clock is set.
public final class SteppedClock: Sendable {
    /// What starts a program with this clock.
    let wrapper: [String]
    private let file: String

    /// Makes a clock that shows the real time.
    ///
    /// - Throws: ``RedisTestServerError`` where libfaketime is not installed.
    public init() throws {
        guard let library = Self.library, let env = ServerProcess.find("env") else {
            throw RedisTestServerError("libfaketime is not installed; run Scripts/setup --tests")
        }
        file = NSTemporaryDirectory() + "headroom-clock-\(UUID().uuidString)"
        // The C library's own allocator: Debian's redis-server brings jemalloc, which asks for the time before
        // libfaketime knows it.
        wrapper = [
            env, "LD_PRELOAD=\(library)\(Self.allocator)", "FAKETIME_TIMESTAMP_FILE=\(file)", "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1",
        ]
        try show(ahead: 0)
    }

    deinit { unlink(file) }

    /// Steps the clock, at once.
    ///
    /// - Parameter seconds: how far it is ahead of the real time from now on; negative: behind.
    public func show(ahead seconds: Int) throws {
        // Replaced as a whole: the server reads it whenever it looks at the time.
        try "\(seconds < 0 ? "-" : "+")\(abs(seconds))\n".write(toFile: file, atomically: true, encoding: .utf8)
    }

    private static var allocator: String {
        guard let library else { return "" }
        let folder = URL(fileURLWithPath: library).deletingLastPathComponent().deletingLastPathComponent().path
        return ":\(folder)/libc.so.6"
    }

    private static var library: String? {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        return (["/usr/lib", "/usr/lib64"] + folders.map { "/usr/lib/\($0)" })
            .map { $0 + "/faketime/libfaketimeMT.so.1" }.first { access($0, R_OK) == 0 }
    }
}
