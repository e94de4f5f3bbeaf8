// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct KeapSimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "keap-simulator")
}
