// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation

/// Many coordinators, in processes of at most 50.
struct Fleet: Sendable {
    private static let processMaximum = 50

    private let workers: [WorkerProcess]

    /// Starts the processes, and waits until the ledger has taken in all coordinators.
    ///
    /// - Parameter order: what each does; the number of its coordinators is filled in.
    init(_ order: FleetOrder, _ size: Int) async throws {
        var workers: [WorkerProcess] = []
        do {
            for part in Self.parts(of: size) {
                var order = order
                order.coordinators = part
                workers.append(try WorkerProcess("headroom-bench", "fleet-worker", order))
            }
            for worker in workers { _ = try await Self.line(of: worker) }
        } catch {
            for worker in workers { worker.stop() }
            throw error
        }
        self.workers = workers
    }

    /// Lets all begin.
    func go() { for worker in workers { worker.go() } }

    /// What each process reports at its end.
    func results() async throws -> [FleetResult] {
        var results: [FleetResult] = []
        for worker in workers {
            results.append(try JSONDecoder().decode(FleetResult.self, from: Data(try await Self.line(of: worker).utf8)))
        }
        return results
    }

    func stop() { for worker in workers { worker.stop() } }

    private static func line(of worker: WorkerProcess) async throws -> String {
        guard let line = await worker.line() else { throw BenchmarkFailure("a process of the fleet ended early") }
        return line
    }

    private static func parts(of size: Int) -> [Int] {
        let count = (size + processMaximum - 1) / processMaximum
        return (0..<count).map { size * ($0 + 1) / count - size * $0 / count }
    }
}
