// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// One worker of a soak: makes calls as a user's program would. Started by the soak, not by people.
///
/// Tells its instance first, `rejoined` whenever it was silent for too long, and its tally when it was told to end.
struct SoakWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak-worker", abstract: "One worker of a soak; started by it.", shouldDisplay: false)

    @Argument var order: String

    func run() async throws {
        let order = try JSONDecoder().decode(SoakOrder.self, from: Data(order.utf8))
        let tally = try await SoakCalls(order).run(until: StandardInput())
        StandardStreams.print(String(decoding: try JSONEncoder().encode(tally), as: UTF8.self) + "\n")
    }
}
