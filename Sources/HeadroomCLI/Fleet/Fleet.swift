// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation

/// The processes of a drive, from their start at one moment to the end of the last.
struct Fleet {
    private enum Event: Sendable {
        case child(Int, ChildProcess.Event)
        case signal(Int32)
        case tick
    }

    /// The outcome of a drive.
    struct Outcome: Sendable {
        var state: FleetState
        /// The signal that ended it early.
        var interrupted: String?
    }

    /// How long the processes may take to end in order.
    private static let patience = Duration.seconds(5)
    private static let tickInterval = Duration.milliseconds(200)

    private let children: [ChildProcess]
    private let events: AsyncStream<Event>
    private let signals: StopSignals
    private let ticker: Task<Void, Never>
    private var state: FleetState
    private var isStarted = false
    private var stoppedAt: ContinuousClock.Instant?
    private var interrupted: String?

    /// Starts the processes, which wait for ``run(display:)``.
    init(_ orders: [DriveOrder]) throws {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        self.events = events
        signals = StopSignals { continuation.yield(.signal($0)) }
        var children: [ChildProcess] = []
        do {
            for (index, order) in orders.enumerated() {
                let child = try ChildProcess(["drive-child"]) { continuation.yield(.child(index, $0)) }
                children.append(child)
                child.send(try JSONText.line(order))
            }
        } catch {
            for child in children { child.kill() }
            throw error
        }
        self.children = children
        state = FleetState(processIDs: children.map(\.processID))
        ticker = Task {
            while (try? await Task.sleep(for: Self.tickInterval)) != nil { continuation.yield(.tick) }
        }
    }

    /// Follows the processes until the last has ended.
    mutating func run(display: inout ProgressDisplay) async -> Outcome {
        defer { ticker.cancel() }
        for await event in events {
            switch event {
            case .child(let index, .message(let message)):
                if case .log(let line) = message { display.note(line) }
                state.take(message, from: index)
            case .child(let index, .ended(let exit)):
                state.end(exit, of: index)
                if !exit.isFine { display.note("process \(index + 1) ended by \(exit)") }
            case .signal(let number): stop(after: number, &display)
            case .tick:
                if let stoppedAt, ContinuousClock.now - stoppedAt > Self.patience { killAll() }
                if isStarted { display.show(state, isStopping: stoppedAt != nil) }
            }
            startIfReady()
            if state.isOver { break }
        }
        display.end()
        return Outcome(state: state, interrupted: interrupted)
    }

    private mutating func startIfReady() {
        guard !isStarted, state.isReady else { return }
        isStarted = true
        for child in children { child.send("go\n") }
    }

    /// The first time in order, the second time by force.
    private mutating func stop(after number: Int32, _ display: inout ProgressDisplay) {
        guard stoppedAt == nil else { return killAll() }
        stoppedAt = ContinuousClock.now
        interrupted = number == SIGTERM ? "SIGTERM" : "SIGINT"
        display.note("ending; \(number == SIGTERM ? "once more" : "Ctrl-C again") to end at once")
        for child in children { child.closeInput() }
    }

    private func killAll() {
        for child in children { child.kill() }
    }
}
