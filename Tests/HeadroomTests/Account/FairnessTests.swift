// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

/// Three simulated minutes a case, of which the last is measured.
@Suite("Instances that want more than there is")
struct FairnessTests {
    /// What is short for all: slots, or the minute alone.
    enum Shortage: String, CaseIterable, Sendable { case slots, minute }

    private func fleet(_ instances: Int, short: Shortage, rate: Int = 25, tasks: Int = 2) throws -> ClusterSimulation {
        let minute = try Limit(.throttle, capacity: 60 * rate, window: .rolling(.seconds(60)))
        let slots = try Limit(.spike, capacity: rate, window: .paced(.seconds(1)))
        var fleet = ClusterSimulation(
            vendor: MinuteVendor(.rolling, capacity: 60 * rate),
            limits: short == .slots ? [slots, minute] : [minute])
        (fleet.instances, fleet.tasks, fleet.latency, fleet.seconds) = (instances, tasks, (10_000, 40_000), 180)
        return fleet
    }

    @Test(
        "Two hundred get equal shares of all there is, and ask no more than twice a call", arguments: Shortage.allCases)
    func twoHundred(short: Shortage) throws {
        let outcome = try fleet(200, short: short).run(seed: 1)
        #expect(outcome.fairness >= 0.99, "calls are \(outcome.calls)")
        #expect(outcome.ownUse >= 0.975)
        // To get a permit, and to settle it; a few come a moment too early.
        #expect(outcome.roundTrips <= 2 * outcome.granted + outcome.granted / 20)
        #expect(outcome.rejected == 0)
    }

    @Test("Eight that wait for slots ask once a call: the exchange that settles one reserves the next")
    func eight() throws {
        let outcome = try fleet(8, short: .slots).run(seed: 1)
        #expect(outcome.fairness >= 0.999, "calls are \(outcome.calls)")
        #expect(outcome.roundTrips * 1000 <= outcome.granted * 1100)
    }

    @Test("At a high rate two hundred get equal shares, too")
    func highRate() throws {
        var fleet = try fleet(200, short: .slots, rate: 1_000, tasks: 40)
        (fleet.warmUp, fleet.seconds) = (2, 12)
        let outcome = try fleet.run(seed: 1)
        #expect(outcome.fairness >= 0.95, "calls are \(outcome.calls)")
        #expect(outcome.ownUse >= 0.95)
    }

    @Test("Shares follow the weights", arguments: Shortage.allCases)
    func weights(short: Shortage) throws {
        var fleet = try fleet(20, short: short, tasks: 10)
        fleet.weights = [5, 3]
        let outcome = try fleet.run(seed: 1)
        let unit = Double(outcome.calls.dropFirst(2).reduce(0, +)) / 18
        for (calls, weight) in zip(outcome.calls, [5, 3]) {
            #expect(abs(Double(calls) / unit / Double(weight) - 1) < 0.1, "calls are \(outcome.calls)")
        }
    }

    @Test("A greedy newcomer gets its share, and pushes nobody out", arguments: Shortage.allCases)
    func newcomer(short: Shortage) throws {
        var fleet = try fleet(20, short: short)
        fleet.newcomerAt = 120
        fleet.tasks = 40
        let outcome = try fleet.run(seed: 1)
        #expect(outcome.fairness >= 0.99, "calls are \(outcome.calls)")
        #expect((outcome.calls.last ?? 0) <= (outcome.calls.max() ?? 0))
    }

    @Test("Interactive callers wait at most 2 s behind others in a saturated budget", arguments: Shortage.allCases)
    func interactive(short: Shortage) throws {
        var fleet = try fleet(20, short: short)
        fleet.interactive = 10
        let outcome = try fleet.run(seed: 1)
        #expect(outcome.waits.count > 150)
        #expect(outcome.wait(percentile: 99) <= 2_000_000)
        #expect(outcome.ownUse >= 0.975)
    }

    @Test(
        "Background work leaves a fifth of the minute, and normal calls the floor that is set",
        arguments: Shortage.allCases)
    func floors(short: Shortage) throws {
        for (priority, floor) in [(Priority.background, 200), (.normal, 50)] {
            var fleet = try fleet(20, short: short)
            fleet.priority = priority
            fleet.floors = LedgerSettings.Floors(background: 200, normal: 50)
            let outcome = try fleet.run(seed: 1)
            let most = 1 - Double(floor) / 1000
            #expect(outcome.ownUse <= most + 0.001)
            #expect(outcome.ownUse >= most - 0.03)
            #expect(outcome.fairness >= 0.98, "calls are \(outcome.calls)")
        }
    }
}
