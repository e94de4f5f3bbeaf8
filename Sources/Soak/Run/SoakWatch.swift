// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom
import HeadroomSupport
import KeapSimulator
import RedisTestServer

/// A watch on the vendor's counters and on memory while a soak runs.
final class SoakWatch: Sendable {
    private struct State: Sendable {
        var track = ServiceTrack()
        var longestGap = 0.0
        var most = 0
        var keys = 0
        var redis: [MemoryTrend.Sample] = []
        var workers: [pid_t: [MemoryTrend.Sample]] = [:]
        var processes: [pid_t] = []
    }

    private let scene: SoakScene
    private let state = Mutex(State())
    private let start = ContinuousClock.now

    private static let interval = Duration.milliseconds(50)
    private static let memoryInterval = Duration.seconds(2)
    /// The time from a process' start during which its memory is not judged. Seconds.
    private static let warmUp = 30.0

    init(_ scene: SoakScene) { self.scene = scene }

    /// Sets the processes whose memory is looked at.
    func follow(_ processes: [pid_t]) { state.withLock { $0.processes = processes } }

    /// The events since the last mark.
    func mark() -> ServiceTrack.Phase {
        state.withLock { state in
            let phase = state.track.mark()
            state.longestGap = max(state.longestGap, phase.longestGap)
            return phase
        }
    }

    /// Looks until the task is cancelled. What waits for Redis does not hold up what looks at the vendor.
    func run() async {
        async let _ = every(Self.memoryInterval) { await lookAtMemory($0) }
        await every(Self.interval) { now in
            let report = scene.simulator.report()
            state.withLock {
                $0.track.note(letThrough: report.accepted + report.failed, rejected: report.rejected.total, at: now)
            }
        }
    }

    private func every(_ interval: Duration, _ look: (Double) async -> Void) async {
        while (try? await Task.sleep(for: interval)) != nil { await look(seconds) }
    }

    private var seconds: Double { Double((ContinuousClock.now - start).microseconds) / 1e6 }

    private func lookAtMemory(_ now: Double) async {
        noteMost()
        let redis = scene.redis
        // While Redis is broken there is no answer.
        let seen = try? await Blocking.run {
            let connection = try redis.master().connect()
            let memory = try connection.number("used_memory", in: "memory")
            let keys = try connection.send(["DBSIZE"]).dropFirst().split(separator: "\r\n").first.flatMap { Int($0) }
            return (memory: memory, keys: keys)
        }
        state.withLock { state in
            if let memory = seen?.memory { state.redis.append(.init(time: now, bytes: memory)) }
            state.keys = max(state.keys, seen?.keys ?? 0)
            for process in state.processes {
                guard let bytes = Self.residentMemory(process) else { continue }
                state.workers[process, default: []].append(.init(time: now, bytes: bytes))
            }
        }
    }

    /// Notes the most calls of the windows that ended since the last look, or somewhat before.
    private func noteMost() {
        let calls = scene.simulator.report().series.suffix(scene.options.window + 10)
            .map { ($0.second, $0.accepted + $0.rejected) }
        let most = ServiceTrack.most(Dictionary(calls) { $0 + $1 }, within: scene.options.window)
        state.withLock { $0.most = max($0.most, most) }
    }

    /// The second number of Linux' `statm`, in pages; elsewhere it is not looked at.
    private static func residentMemory(_ process: pid_t) -> Double? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8) else { return nil }
        let numbers = text.split(separator: " ")
        return numbers.count > 1 ? Double(numbers[1]).map { $0 * Double(getpagesize()) } : nil
    }

    /// The memory of the worker that grew most of those that lived at least half as long as the oldest.
    var workerMemory: MemoryTrend? {
        let trends = state.withLock { $0.workers.values.compactMap(Self.trend) }
        let longest = trends.map(\.seconds).max() ?? 0
        return trends.filter { $0.seconds >= longest / 2 }.max { $0.rise < $1.rise }
    }

    var redisMemory: MemoryTrend? { Self.trend(state.withLock { $0.redis }) }
    /// The most calls in one window, the longest gap and the most keys.
    var extremes: (most: Int, longestGap: Double, keys: Int) { state.withLock { ($0.most, $0.longestGap, $0.keys) } }

    private static func trend(_ samples: [MemoryTrend.Sample]) -> MemoryTrend? {
        let begin = (samples.first?.time ?? 0) + warmUp
        return MemoryTrend(samples.filter { $0.time >= begin })
    }
}
