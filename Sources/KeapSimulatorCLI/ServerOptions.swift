// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import KeapSimulator

/// The server: where it listens, how long calls take, and where the report goes.
struct ServerOptions: ParsableArguments {
    @Option(help: "The IPv4 address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 for a free one. The first line printed names the address.")
    var port: UInt16 = 8080

    @Option(help: ArgumentHelp("A file to write the port to once it listens.", valueName: "path"))
    var portFile: String?

    @Option(help: ArgumentHelp("A file to write the report to, as JSON, at the end.", valueName: "path"))
    var report: String?

    @Option(help: ArgumentHelp("The median time a call takes.", valueName: "duration"))
    var latency = "0ms"

    @Option(help: ArgumentHelp("How far from the median a call may be.", valueName: "duration"))
    var jitter = "0ms"

    @Option(help: ArgumentHelp("The share of calls that are late.", valueName: "share"))
    var late = "0%"

    @Option(help: ArgumentHelp("How long late calls take.", valueName: "from-to"))
    var lateRange = "200ms-500ms"

    @Option(help: ArgumentHelp("The share of the latency that passes before a call is counted.", valueName: "share"))
    var countedAfter = "50%"

    func apply(to configuration: inout SimulatorConfiguration) throws(SimulatorError) {
        (configuration.host, configuration.port) = (host, port)
        configuration.latency = try option("--latency, --jitter, --late, --late-range") { () throws(SimulatorError) in
            try Latency(median: latency, jitter: jitter, lateShare: late, lateRange: lateRange)
        }
        configuration.latency.partBeforeCounting = try option("--counted-after") { () throws(SimulatorError) in
            try Latency.share(countedAfter)
        }
    }
}

/// Reads the text of options, and names them in the error if it cannot be read.
func option<Value>(_ names: String, _ read: () throws(SimulatorError) -> Value) throws(SimulatorError) -> Value {
    do {
        return try read()
    } catch {
        throw SimulatorError("\(names): \(error)")
    }
}
