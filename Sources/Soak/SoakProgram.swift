// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The program in which real workers call a simulated vendor while things break. `Scripts/soak` starts it.
@main
struct SoakProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak", abstract: "Breaks things under load, and holds the accounts against each other.",
        subcommands: [SoakCommand.self, SoakWorkerCommand.self], defaultSubcommand: SoakCommand.self)
}
