// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct HeadroomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "headroom")
}
