// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import RedisTestServer
import Testing

@Suite("A script that fails changes nothing", .tags(.servers), .serialized, .timeLimit(.minutes(10)))
struct FailedCommandTests {
    /// What was found at all steps of a story.
    private struct Findings {
        /// Operations that failed and left something behind, by fault.
        var traces: [String: [String]] = [:]
        /// Operations that were answered in spite of a fault, and not as without it.
        var strayAnswers: [String] = []
        /// Operations that failed, by fault.
        var failures: [Twins.Fault: Int] = [:]
        /// Operations that failed for want of a right, with an error that does not name it, by right.
        var unnamed: [String: String] = [:]
        /// Steps after which the two servers differ.
        var differences: [String] = []

        var summary: String {
            let traces = traces.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.count)" }
            return """
                \(failures.values.reduce(0, +)) failed operations; of these left something behind: \
                \(traces.isEmpty ? "none" : traces.joined(separator: ", ")); other answers: \(strayAnswers.count); \
                differences afterwards: \(differences.count)
                """
        }
    }

    @Test(
        "Each command of the scripts, failing at each operation of a group's life: the account is as if it were not",
        arguments: Functions.choices)
    func everyCommand(asFunctions: Bool) async throws {
        let commands = try LuaCommands.all()
        #expect(commands.count >= 4, "the scripts' commands are \(commands)")
        let twins = try await Twins(commands: commands, asFunctions: asFunctions)
        var findings = Findings()
        for step in try AccountStory().steps {
            if case .advance(let span) = step.operation {
                twins.advance(by: span)
                continue
            }
            try await attempt(step, twins, commands, &findings)
        }
        print("\(asFunctions ? "functions" : "scripts"), \(commands): \(findings.summary)")
        for (fault, traces) in findings.traces.sorted(by: { $0.key < $1.key }) {
            Issue.record("\(fault), with something left behind: \(traces.joined(separator: "; "))")
        }
        #expect(findings.unnamed == [:])
        #expect(findings.strayAnswers == [])
        #expect(findings.differences == [])
        // Each fault has to be met for its test to be one.
        for fault in commands.map(Twins.Fault.right) + Twins.serverFaults.map(Twins.Fault.server) {
            #expect(findings.failures[fault, default: 0] > 0, "nothing failed for \(fault)")
        }
        #expect(findings.failures.contains { if case .type = $0.key { $0.value > 0 } else { false } })
        #expect((try calls(of: "fcall", twins.subject) > 0) == asFunctions)
        if !asFunctions { #expect(try calls(of: "evalsha", twins.subject) > 0) }
    }

    /// How often a server carried out a command.
    private func calls(of command: String, _ server: RedisTestServer) throws -> Int {
        let lines = try server.command("INFO", "commandstats")
        return try Regex("cmdstat_\(command):calls=(\\d+)").firstMatch(in: lines)
            .flatMap { $0.output[1].substring }.flatMap { Int($0) } ?? 0
    }

    /// One operation with each of the faults in turn, then in order on both servers.
    private func attempt(
        _ step: AccountStory.Step, _ twins: Twins, _ commands: [String], _ findings: inout Findings
    ) async throws {
        let before = try await StoredKeys(twins.redis)
        var faults = commands.map(Twins.Fault.right) + Twins.serverFaults.map(Twins.Fault.server)
        faults += before.keys.map(Twins.Fault.type)
        var answered: [(fault: Twins.Fault, answer: LedgerOperation.Answer, keys: StoredKeys)] = []
        for fault in faults {
            let outcome = try await twins.outcome(of: step.operation, fault)
            let after = try await StoredKeys(twins.redis)
            switch outcome {
            case .failed(let message):
                findings.failures[fault, default: 0] += 1
                if case .right(let command) = fault, !message.contains("give it +\(command.lowercased()),") {
                    findings.unnamed["\(fault) at \(step.label)"] = message
                }
                var expected = before
                if case .type(let key) = fault { expected.contents[key] = after.contents[key] }
                if after == expected { break }
                let changed = after.differences(from: expected).joined(separator: ", ")
                findings.traces["\(fault)", default: []].append("\(step.label) (\(changed))")
            case .answered(let answer): answered.append((fault, answer, after))
            }
            if after != before { try await before.restore(to: twins.redis) }
        }
        let (answer, twinAnswer) = try await twins.apply(step.operation)
        let after = try await StoredKeys(twins.redis)
        for (fault, other, keys) in answered where fault.isOnlyInTheWay {
            if other != answer || keys.withoutCall != after.withoutCall {
                findings.strayAnswers.append("\(fault) at \(step.label)")
            }
        }
        let twin = try await StoredKeys(twins.twinRedis)
        if answer != twinAnswer || after.withoutCall != twin.withoutCall {
            findings.differences.append("\(step.label): \(after.differences(from: twin)), \(answer), \(twinAnswer)")
            // What follows is compared on its own.
            try await twin.restore(to: twins.redis)
        }
    }
}

extension StoredKeys {
    /// The same without the number of the call that was there last: a field of the account ends with it.
    fileprivate var withoutCall: StoredKeys {
        var copy = self
        for (key, content) in contents {
            guard case .hash(var fields) = content, let clock = fields[Array("clock".utf8)] else { continue }
            fields[Array("clock".utf8)] = clock.dropLast(3)
            copy.contents[key] = .hash(fields)
        }
        return copy
    }
}

extension Twins.Fault {
    /// Whether an operation that is answered in spite of it must have done all that it does otherwise: the account is
    /// as it was, and the time given.
    fileprivate var isOnlyInTheWay: Bool {
        switch self {
        case .right(let command): command != "TIME"
        case .server: true
        case .type: false
        }
    }
}
