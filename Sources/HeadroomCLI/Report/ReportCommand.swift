// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Foundation

/// `headroom report`: what `Scripts/demo` and `Scripts/measure` print, read from the files that the programs wrote.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Prints tables of results of 'headroom drive --json'.", shouldDisplay: false,
        subcommands: [CompareCommand.self, ScenarioCommand.self])
}

/// `headroom report compare`: results side by side.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Prints results of 'headroom drive --json' side by side.")

    @Argument(help: ArgumentHelp("A column: its name and the file with the result.", valueName: "name=file"))
    var columns: [String]

    @Option(help: ArgumentHelp("What was driven, as the title says it.", valueName: "text"))
    var title: String

    @Option(help: ArgumentHelp("The plan whose allowance the results are measured by.", valueName: "name"))
    var plan = "keap-oauth"

    @Option(help: ArgumentHelp("A file to write the table to as well, as an SVG picture.", valueName: "path"))
    var picture: String?

    @Option(help: ArgumentHelp("The command that the picture shows above the table.", valueName: "text"))
    var command = "Scripts/demo"

    func run() throws {
        let table = try table()
        let lines = table.lines(paint: .of(terminal: StandardOutput.isTerminal))
        StandardOutput.write(lines.map { $0 + "\n" }.joined())
        guard let picture else { return }
        do {
            try Data(ComparisonPicture.svg(table, command: command).utf8).write(to: URL(fileURLWithPath: picture))
        } catch {
            throw CommandFailure(.usage, "cannot write '\(picture)': \(error.localizedDescription)")
        }
    }

    private func table() throws -> ComparisonTable {
        let results = try columns.map { text throws in
            let parts = text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else {
                throw ValidationError("'\(text)' is no column; write NAME=FILE, such as alone=alone.json")
            }
            return (name: String(parts[0]), result: try ResultFile.read(DriveResult.self, String(parts[1])))
        }
        do throws(OptionError) {
            return ComparisonTable(title: title, plan: try .named(plan), results: results)
        } catch {
            throw ValidationError(error.description)
        }
    }
}

/// `headroom report scenario`: one line for one result, and the vendor's own count of it.
struct ScenarioCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenario", abstract: "Prints a line about a drive and the report of the vendor that it called.")

    @Argument(help: "The scenario's name.")
    var name: String

    @Argument(help: "The file with the result of 'headroom drive --json'.")
    var result: String

    @Argument(help: "The file with the report of 'keap-simulator --report'.")
    var report: String

    @Flag(help: "Print the names of the columns above.")
    var heading = false

    func run() throws {
        let line = ScenarioLine(
            name: name, result: try ResultFile.read(DriveResult.self, result),
            vendor: try ResultFile.read(VendorReport.self, report))
        StandardOutput.write((heading ? ScenarioLine.heading + "\n" : "") + line.text + "\n")
    }
}

/// Files of JSON that the programs wrote.
enum ResultFile {
    static func read<Value: Decodable>(_ type: Value.Type, _ path: String) throws(CommandFailure) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch let error as DecodingError {
            throw CommandFailure(.usage, "'\(path)' holds no result: \(error)")
        } catch {
            throw CommandFailure(.usage, "cannot read '\(path)': \(error.localizedDescription)")
        }
    }
}
