// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Foundation

@main
struct HeadroomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "headroom",
        abstract: "Shares one vendor's rate limits between many processes.",
        subcommands: [
            DriveCommand.self, StatusCommand.self, FunctionsCommand.self, ReportCommand.self, DriveChildCommand.self,
        ])

    /// Runs the command given. Ends with 1 if it was not given rightly (the parser's own number would be 64).
    static func main() async {
        // A reader that goes away (`headroom … | head`) or a child that ends must not end the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            leave(with: error)
        }
    }

    private static func leave(with error: any Error) -> Never {
        if let failure = error as? CommandFailure {
            StandardError.write("headroom: \(failure.message)\n")
            Foundation.exit(failure.status.rawValue)
        }
        if let failure = error as? SpawnError {
            StandardError.write("headroom: \(failure)\n")
            Foundation.exit(ProgramStatus.usage.rawValue)
        }
        guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
        StandardError.write(fullMessage(for: error) + "\n")
        Foundation.exit(ProgramStatus.usage.rawValue)
    }
}
