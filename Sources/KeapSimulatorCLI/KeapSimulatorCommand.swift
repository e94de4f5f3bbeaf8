// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Foundation
import KeapSimulator

@main
struct KeapSimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keap-simulator",
        abstract: "Plays Keap's API and its limits on a local port, to test integrations against.",
        discussion: """
            Every path and method is a call. A call names its tenant in the header
            X-Keap-Tenant, or in the query item 'tenant'; the report names callers by
            X-Headroom-Instance, or by User-Agent.

              GET  /__simulator/report           what was counted, as JSON
              POST /__simulator/reset            begin a new report; windows go on
              POST /__simulator/reset?windows=1  forget all calls

            Durations are written like 20ms, 1.5s, 1min, 24h or 1d; shares like 0.2%.

            Examples:
              keap-simulator --plan keap-oauth --tenants piped
              keap-simulator --port 0 --limit throttle=100/5s --limit spike=off
              keap-simulator --strangers 480/min:bursts --used quota=149940
              keap-simulator --latency 20ms --jitter 5ms --late 0.2% --report r.json
            """)

    @OptionGroup(title: "Server") var server: ServerOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup(title: "Answers") var answers: AnswerOptions

    func validate() throws {
        do {
            _ = try simulatorConfiguration()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func run() async throws {
        // A client that goes away must not end the process.
        signal(SIGPIPE, SIG_IGN)
        let signals = StopSignals()
        let reports = try await SimulatedKeap.withRunning(try simulatorConfiguration()) { simulator in
            try announce(simulator)
            await signals.wait()
            return simulator.report()
        }
        try finish(reports)
    }

    private func simulatorConfiguration() throws(SimulatorError) -> SimulatorConfiguration {
        var configuration = SimulatorConfiguration(vendor: try limits.vendor())
        try server.apply(to: &configuration)
        try answers.apply(to: &configuration)
        return configuration
    }

    private func announce(_ simulator: RunningSimulator) throws {
        print("keap-simulator listening on \(simulator.baseURL)")
        // Whoever waits for the line reads from a pipe, where output is buffered.
        fflush(nil)
        guard let path = server.portFile else { return }
        try Data("\(simulator.port)\n".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private func finish(_ report: SimulatorReport) throws {
        StandardError.write(report.summary + "\n")
        guard let path = server.report else { return }
        try report.json().write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
