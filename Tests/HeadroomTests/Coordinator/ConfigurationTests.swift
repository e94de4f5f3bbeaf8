// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport
import HeadroomTesting
import Logging
import Testing

@testable import Headroom

@Suite("A coordinator's configuration")
struct ConfigurationTests {
    @Test("The defaults are in their ranges")
    func defaults() {
        #expect(RateCoordinator.Configuration().inRange.warnings.isEmpty)
    }

    @Test("A value out of its range is taken as the nearer end, and a line says both and the range")
    func outOfRange() {
        var configuration = RateCoordinator.Configuration()
        configuration.weight = 0
        configuration.backgroundFloor = 200
        configuration.normalFloor = .nan
        configuration.tolerance = 1000
        configuration.timeToLive = .zero
        configuration.settleDelay = .seconds(1)
        configuration.leaseMaximum = .seconds(-1)
        configuration.ledgerPatience = .seconds(61)
        configuration.warnAt = [0.5, 80, .nan]
        (configuration.maximumWaiters, configuration.eventBuffer) = (0, -1)
        let (used, warnings) = configuration.inRange
        #expect(used.weight == 1 && used.backgroundFloor == 1 && used.normalFloor == 0 && used.tolerance == 0.1)
        #expect(used.timeToLive == .seconds(1) && used.settleDelay == .milliseconds(250))
        #expect(used.leaseMaximum == .milliseconds(1) && used.ledgerPatience == .seconds(60))
        #expect(used.warnAt == [0.5] && used.maximumWaiters == 1 && used.eventBuffer == 1)
        #expect(warnings.count == 12)
        #expect(warnings.first == "configuration: weight is 0, not in 1...100; 1 is used")
        #expect(warnings.contains("configuration: backgroundFloor is 200.0, not in 0.0...1.0; 1.0 is used"))
        #expect(used.inRange.warnings.isEmpty)
    }

    @Test("The coordinator's logger gets a warning for each")
    func logged() {
        let lines = Record<String>()
        var configuration = RateCoordinator.Configuration()
        configuration.weight = 101
        let coordinator = RateCoordinator(
            clientID: "test", plan: .keapOAuth, ledger: .memory, configuration: configuration,
            logger: Logger(label: "test") { _ in LineHandler(lines: lines) })
        #expect(coordinator.configuration.weight == 100)
        #expect(lines.all == ["warning configuration: weight is 101, not in 1...100; 100 is used"])
    }

    @Test("Shares become the ledger's thousandths and millionths, to the nearest")
    func shares() {
        var configuration = RateCoordinator.Configuration()
        #expect(configuration.floors == LedgerSettings.Floors(background: 200, normal: 0))
        (configuration.backgroundFloor, configuration.normalFloor) = (0.29, 0.0004)
        #expect(configuration.floors == LedgerSettings.Floors(background: 290, normal: 0))
        let machine = CoordinatorMachine(plan: .keapOAuth, configuration: configuration, seed: 1, now: 0, wallNow: 0)
        #expect(machine.settings.tolerance == 1000)
    }

    @Test("A caller's timeout is the configured one, one of its own, or none")
    func timeouts() {
        var configuration = RateCoordinator.Configuration()
        configuration.timeout = .seconds(7)
        #expect(Timeout.configured.span(configuration) == .seconds(7))
        #expect(Timeout.after(.milliseconds(5)).span(configuration) == .milliseconds(5))
        #expect(Timeout.seconds(3).span(configuration) == .seconds(3))
        #expect(Timeout.never.span(configuration) == nil)
        configuration.timeout = nil
        #expect(Timeout.configured.span(configuration) == nil)
    }
}

private struct LineHandler: LogHandler {
    let lines: Record<String>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(lines: Record<String>) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.level) \(event.message)") }
}
