// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import HeadroomSupport
import Logging

/// The way of events to the log, and of statistics to the metrics system.
final class EventReporter: Sendable {
    private let logger: Logger
    private let granted: Counter
    private let grantedInFallback: Counter
    private let isInFallback: Gauge
    private let accepted: Counter
    private let rejected: Counter
    private let dropped: Counter
    private let headersIgnored: Counter
    private let reported = Mutex(RateCoordinator.Statistics())

    init(logger: Logger, group: BudgetGroup) {
        var logger = logger
        logger[metadataKey: "budget"] = "\(group)"
        self.logger = logger
        let dimensions = [("budget", group.name)]
        granted = Counter(label: "headroom_granted", dimensions: dimensions)
        grantedInFallback = Counter(label: "headroom_granted_in_fallback", dimensions: dimensions)
        isInFallback = Gauge(label: "headroom_fallback", dimensions: dimensions)
        accepted = Counter(label: "headroom_accepted", dimensions: dimensions)
        rejected = Counter(label: "headroom_rejected", dimensions: dimensions)
        dropped = Counter(label: "headroom_dropped", dimensions: dimensions)
        headersIgnored = Counter(label: "headroom_headers_ignored", dimensions: dimensions)
    }

    /// Adds the difference to the statistics of the last report to the counters.
    func report(_ statistics: RateCoordinator.Statistics) {
        let before = reported.withLock { reported in
            let before = reported
            reported = statistics
            return before
        }
        add(statistics.granted - before.granted, to: granted)
        add(statistics.grantedInFallback - before.grantedInFallback, to: grantedInFallback)
        add(statistics.accepted - before.accepted, to: accepted)
        add(statistics.rejected - before.rejected, to: rejected)
        add(statistics.dropped - before.dropped, to: dropped)
        add(statistics.headersIgnored - before.headersIgnored, to: headersIgnored)
    }

    private func add(_ count: Int64, to counter: Counter) {
        if count > 0 { counter.increment(by: count) }
    }

    /// Writes what is wrong with the configuration.
    func warn(_ text: String) { logger.warning("\(text)") }

    func report(_ event: CoordinatorEvent) {
        logger.log(level: level(of: event.detail), "\(event)")
        switch event.detail {
        case .fallbackStarted: isInFallback.record(1)
        case .fallbackEnded: isInFallback.record(0)
        default: break
        }
    }

    /// The log level of an event. A rejection by a paced limit is part of normal operation; one by a window, and a
    /// limit nearly used up, are worth a look.
    private func level(of event: CoordinatorEvent.Detail) -> Logger.Level {
        switch event {
        case .nearLimit(_, let share): share >= 0.95 ? .warning : .info
        case .rejected(let rejection): rejection.isPaced ? .info : .warning
        case .ledgerUnavailable: .error
        case .leasesExpired, .headersIgnored, .fallbackStarted, .ledgerSetBack: .warning
        case .rejoined(let lostMemory): lostMemory ? .warning : .info
        case .paused, .resumed, .learnedLimit, .drift, .ledgerAvailable, .fallbackEnded: .info
        }
    }
}
