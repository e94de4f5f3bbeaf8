// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("perform: what adapters are made of")
struct PerformTests {
    private struct Unsent: Error {}
    private struct Broken: Error {}

    /// A vendor that answers with each of these in turn, and with the last one for ever.
    private final class Answers: Sendable {
        private let statuses: [Int]
        let sent = Record<Int>()

        init(_ statuses: [Int]) { self.statuses = statuses }

        func next() -> (ResponseHead, [UInt8]) {
            let status = statuses[min(sent.all.count, statuses.count - 1)]
            sent.add(status)
            return (ResponseHead(status: status), Array("call \(sent.all.count)".utf8))
        }
    }

    @Test("A rejected call is sent again, with a new permit, and the response that was let through is returned")
    func again() async throws {
        try await Bench(.keapOAuth).running { bench in
            let (coordinator, answers) = (bench.coordinator, Answers([429, 429, 200]))
            let before = coordinator.statistics
            let task = Task { try await coordinator.perform(label: "orders") { answers.next() } }
            let (response, body) = try await bench.finish(task)
            #expect(response.statusCode == 200 && body == Array("call 3".utf8))
            #expect(coordinator.statistics.rejected == 2)
            #expect(coordinator.statistics.accepted == before.accepted + 1)
        }
    }

    @Test("Where no time is left the rejected response is returned, or thrown where that is asked for")
    func noTimeLeft() async throws {
        try await Bench(.keapOAuth).running { bench in
            let coordinator = bench.coordinator
            let returned = Task {
                try await coordinator.perform(timeout: .milliseconds(1_500)) { Answers([429]).next() }
            }
            let (last, _) = try await bench.finish(returned)
            #expect(last.statusCode == 429)
            let thrown = Task {
                try await coordinator.perform(timeout: .milliseconds(1_500), throwsRejection: true) {
                    Answers([429]).next()
                }
            }
            let error = await #expect(throws: RateLimitError.self) { try await bench.finish(thrown) }
            #expect(error?.code == .rejected && error?.rejection?.limit?.name == .spike)
            #expect(coordinator.statistics.outstanding == 0)
        }
    }

    @Test("A call that cannot be repeated is sent once")
    func once() async throws {
        try await Bench(.keapOAuth).running { bench in
            let (coordinator, answers) = (bench.coordinator, Answers([429, 200]))
            let task = Task { try await coordinator.perform(isRepeatable: false) { answers.next() } }
            let (only, _) = try await bench.finish(task)
            #expect(only.statusCode == 429)
            #expect(answers.sent.all == [429])
            let thrown = Task {
                try await coordinator.perform(isRepeatable: false, throwsRejection: true) { Answers([429]).next() }
            }
            let error = await #expect(throws: RateLimitError.self) { try await bench.finish(thrown) }
            #expect(error?.message.hasSuffix("the call cannot be repeated") == true)
        }
    }

    @Test("A call that certainly was not sent gives its permit back; one that broke off counts as spent")
    func broken() async throws {
        try await Bench(.keapOAuth).running { bench in
            let coordinator = bench.coordinator
            for error in [Unsent() as any Error, Broken()] {
                let task = Task { () async throws -> (ResponseHead, [UInt8]) in
                    try await coordinator.perform(isUnsent: { $0 is Unsent }) { throw error }
                }
                let thrown = await #expect(throws: (any Error).self) { try await bench.finish(task) }
                #expect(thrown.map { type(of: $0) == type(of: error) } == true)
            }
            #expect(coordinator.statistics.cancelled == 1 && coordinator.statistics.dropped == 1)
        }
    }

    @Test("An error of the caller's own goes through, though it is one of the coordinator's kind")
    func ownError() async throws {
        try await Bench(.keapOAuth).running { bench in
            let (coordinator, answers) = (bench.coordinator, Answers([429]))
            let own = RateLimitError(.exhausted, "another budget's")
            let task = Task {
                try await coordinator.perform {
                    guard answers.sent.all.isEmpty else { throw own }
                    return answers.next()
                }
            }
            let error = await #expect(throws: RateLimitError.self) { try await bench.finish(task) }
            #expect(error?.message == "another budget's")
        }
    }
}
