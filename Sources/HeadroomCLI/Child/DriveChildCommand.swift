// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Foundation
import Headroom
import HeadroomSupport
import Logging

/// One process of a drive. Started by `headroom drive`, not by people.
struct DriveChildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drive-child", abstract: "One process of a drive; started by it.", shouldDisplay: false)

    func run() async throws {
        let channel = ParentChannel()
        // Ctrl-C reaches all processes of a terminal; the parent says when to stop.
        signal(SIGINT, SIG_IGN)
        let signals = StopSignals([SIGTERM]) { _ in channel.close() }
        defer { withExtendedLifetime(signals) {} }
        var lines = channel.lines.makeAsyncIterator()
        guard let line = await lines.next() else { return }
        let order = try JSONDecoder().decode(DriveOrder.self, from: line)
        let logger = Logger(label: "headroom.drive") { _ in
            ParentLogHandler(process: order.process, isVerbose: order.isVerbose)
        }
        Self.send(.ready)
        guard await lines.next() != nil else { return }
        let job = try DriveJob(order, logger: logger)
        let work = Task { await job.run { Self.send($0) } }
        let stopping = Task {
            for await _ in channel.lines {}
            work.cancel()
        }
        await work.value
        stopping.cancel()
    }

    private static let output = Mutex(())

    /// Writes one line to the parent. Lines of several tasks do not mix.
    static func send(_ message: ChildMessage) {
        guard let line = try? JSONText.line(message) else { return }
        output.withLock { _ in StandardOutput.write(line) }
    }
}
