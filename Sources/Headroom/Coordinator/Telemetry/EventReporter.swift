// SPDX-License-Identifier: Apache-2.0

import Logging
import Metrics

/// Writes events to the log, and counts to the metrics system.
final class EventReporter: Sendable {
    private let logger: Logger
    private let granted: Counter
    private let grantedAlone: Counter
    private let isAlone: Gauge
    private let accepted: Counter
    private let throttled: Counter
    private let dropped: Counter
    private let headersIgnored: Counter
    private let reported = Mutex(RateCoordinator.Statistics())

    init(logger: Logger, group: BudgetGroup) {
        var logger = logger
        logger[metadataKey: "budget"] = "\(group)"
        self.logger = logger
        let dimensions = [("budget", group.name)]
        granted = Counter(label: "headroom_granted", dimensions: dimensions)
        grantedAlone = Counter(label: "headroom_granted_alone", dimensions: dimensions)
        isAlone = Gauge(label: "headroom_alone", dimensions: dimensions)
        accepted = Counter(label: "headroom_accepted", dimensions: dimensions)
        throttled = Counter(label: "headroom_throttled", dimensions: dimensions)
        dropped = Counter(label: "headroom_dropped", dimensions: dimensions)
        headersIgnored = Counter(label: "headroom_headers_ignored", dimensions: dimensions)
    }

    /// Counts what has happened since the last report.
    func report(_ statistics: RateCoordinator.Statistics) {
        let before = reported.withLock { reported in
            let before = reported
            reported = statistics
            return before
        }
        add(statistics.granted - before.granted, to: granted)
        add(statistics.grantedAlone - before.grantedAlone, to: grantedAlone)
        add(statistics.accepted - before.accepted, to: accepted)
        add(statistics.throttled - before.throttled, to: throttled)
        add(statistics.dropped - before.dropped, to: dropped)
        add(statistics.headersIgnored - before.headersIgnored, to: headersIgnored)
    }

    private func add(_ count: Int64, to counter: Counter) {
        if count > 0 { counter.increment(by: count) }
    }

    func report(_ event: CoordinatorEvent) {
        logger.log(level: level(of: event), "\(event.text)")
        switch event {
        case .workingAlone: isAlone.record(1)
        case .workingTogether: isAlone.record(0)
        default: break
        }
    }

    /// A refusal by the spike alone is noise; a window's, and a limit nearly used up, are worth a look.
    private func level(of event: CoordinatorEvent) -> Logger.Level {
        switch event {
        case .nearLimit(_, let share): share >= 0.95 ? .warning : .info
        case .throttled(let throttled): throttled.limit?.name == .spike ? .info : .warning
        case .ledgerUnavailable: .error
        case .leasesExpired, .headersIgnored, .workingAlone: .warning
        case .rejoined(let lostMemory): lostMemory ? .warning : .info
        case .held, .resumed, .learnedLimit, .drift, .ledgerAvailable, .workingTogether: .info
        }
    }
}
