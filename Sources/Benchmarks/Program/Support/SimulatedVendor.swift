// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport
import KeapSimulator

/// The vendor's model, called without HTTP: 20 ms a call, and 0.2 % of the calls 200 to 500 ms.
final class SimulatedVendor: Sendable {
    /// What became of the calls: the moments at which those let through were counted, and how many were rejected.
    struct Calls: Sendable {
        var accepted: [Microseconds] = []
        var rejected = 0
    }

    private struct State: Sendable {
        var model: VendorModel
        var calls = Calls()
    }

    private let state: Mutex<State>
    private let start = (wall: SystemClock.now(), steady: ContinuousClock.now)

    init(capacity: Int, window: Duration, hasSpike: Bool) throws {
        let configuration = VendorConfiguration(
            spike: hasSpike ? try SpikeLimit(25) : nil,
            throttle: try WindowLimit(capacity, per: window, counting: .rolling), quota: nil)
        state = Mutex(State(model: VendorModel(configuration, start: start.wall)))
    }

    var calls: Calls { state.withLock { $0.calls } }

    /// Makes a call; half of the time passes before the vendor counts it.
    func call() async throws -> VendorReading {
        let isLate = Int.random(in: 0..<1000) < 2
        let latency = isLate ? Int.random(in: 200_000...500_000) : Int.random(in: 15_000...25_000)
        try await Task.sleep(for: .microseconds(latency / 2))
        let now = start.wall + (ContinuousClock.now - start.steady).microseconds
        let answer = state.withLock { state in
            let answer = state.model.receive(at: now)
            if answer.status == 429 { state.calls.rejected += 1 } else { state.calls.accepted.append(now) }
            return answer
        }
        try await Task.sleep(for: .microseconds(latency / 2))
        let head = ResponseHead(status: answer.status, fields: answer.headers.map { ($0.name, $0.value) })
        return Keap().read(head, body: answer.body.utf8, now: .now)
    }
}
