// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The one vendor that all connections share, and its clock.
final class SimulatorCore: Sendable {
    private struct State: Sendable {
        var vendor: VendorModel
        var generator: SplitMix
        var latency: Latency
    }

    private let configuration: SimulatorConfiguration
    private let state: Mutex<State>
    private let clock = SteadyClock()

    init(_ configuration: SimulatorConfiguration) {
        self.configuration = configuration
        state = Mutex(
            State(
                vendor: VendorModel(configuration.vendor, start: clock.now),
                // Latencies have numbers of their own: how calls overlap must not change what the model draws.
                generator: SplitMix(seed: ~configuration.vendor.seed), latency: configuration.latency))
    }

    func drawLatency() -> (before: Duration, after: Duration) {
        state.withLock { $0.latency.draw(using: &$0.generator) }
    }

    func receive(tenant: String?, caller: String?) -> VendorAnswer {
        state.withLock { $0.vendor.receive(tenant: tenant, caller: caller, at: clock.now) }
    }

    func disturb(_ faults: Faults?, _ latency: Latency?) {
        state.withLock { state in
            state.vendor.setFaults(faults ?? configuration.vendor.faults)
            state.latency = latency ?? configuration.latency
        }
    }

    func report() -> SimulatorReport {
        state.withLock { $0.vendor.report(at: clock.now) }
    }

    func reset(windows: Bool) {
        state.withLock { state in
            if windows {
                state.vendor = VendorModel(configuration.vendor, start: clock.now)
            } else {
                state.vendor.resetReport(at: clock.now)
            }
        }
    }
}

/// The time since 1970, read once from the system and then from a monotonic clock: never a jump in the middle of a run.
private struct SteadyClock: Sendable {
    private let startOnSystemClock: Microseconds
    private let start = ContinuousClock.now

    init() {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        startOnSystemClock = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }

    var now: Microseconds { startOnSystemClock + (ContinuousClock.now - start).microseconds }
}
