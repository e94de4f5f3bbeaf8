// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Foundation

/// One worker of a soak, which makes calls as a user's program would. The soak starts it, not people.
///
/// It writes its instance first, `rejoined` whenever it was away from Redis for too long, and its tally once a line
/// asks it to end.
struct SoakWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "One worker of a soak; started by it.", shouldDisplay: false)

    @Argument var order: String

    func run() async throws {
        let order = try JSONDecoder().decode(SoakOrder.self, from: Data(order.utf8))
        let tally = try await SoakCalls(order).run(until: ParentLines())
        StandardOutput.write(try JSONText.line(tally))
    }
}
