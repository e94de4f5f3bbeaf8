// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeadroomCLI
import KeapSimulator
import RedisTestServer
import Testing

extension EndToEnd {
    @Suite("Driving calls")
    struct DriveTests {
        @Test("Three processes use a limit together, and none of their calls is rejected")
        func together() async throws {
            let redis = try RedisTestServer()
            let vendor = SimulatorConfiguration(vendor: try .only(throttle: 300, per: .seconds(10)))
            try await SimulatedKeap.withRunning(vendor) { simulator in
                let ended = try await HeadroomProgram.run([
                    "drive", simulator.baseURL, "--redis", redis.address, "--limit", "throttle=300/10s", "--limit",
                    "spike=off", "--limit", "quota=off", "--processes", "3", "--seconds", "5", "--json",
                ])
                let result = try ended.result()
                #expect(ended.status == 0)
                #expect(result.rejected == 0)
                // All at once while only one wants some, at 30 a second once several do.
                #expect((150...300).contains(result.accepted))
                #expect(result.processes.map(\.accepted).reduce(0, +) == result.accepted)
                #expect(result.processes.allSatisfy { $0.exit == nil })
                #expect((5...35).contains(result.seconds))
                #expect(result.roundTrips > 0)
                #expect(result.limits.map(\.limit) == ["throttle"])
                #expect(result.limits.allSatisfy { $0.capacity == 300 && $0.used == result.accepted })
                let report = simulator.report()
                #expect(report.accepted == result.accepted)
                #expect(report.rejected.total == 0)
                #expect(Set(report.callers.keys).isSubset(of: ["drive-1", "drive-2", "drive-3"]))
            }
        }

        @Test("In one process the account may be in memory; the JSON has every field")
        func memory() async throws {
            try await SimulatedKeap.withRunning { simulator in
                let ended = try await HeadroomProgram.run([
                    "drive", simulator.baseURL, "--memory", "--calls", "40", "--tenant", "ab123", "--label", "orders",
                    "--priority", "interactive", "--json",
                ])
                #expect(ended.status == 0, "\(ended.errors)")
                let json = try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any] ?? [:]
                for field in ["calls", "accepted", "rejected", "failed", "seconds", "perMinute", "roundTrips"] {
                    #expect(json[field] is NSNumber, "\(field)")
                }
                let acquire = json["acquireMilliseconds"] as? [String: Any] ?? [:]
                #expect(Set(acquire.keys) == ["p50", "p99", "max"])
                let processes = json["processes"] as? [[String: Any]] ?? []
                #expect(processes.map { $0["accepted"] as? Int } == [40])
                #expect(processes.map { $0["rejected"] as? Int } == [0])
                #expect(json["calls"] as? Int == 40)
                let limits = json["limits"] as? [[String: Any]] ?? []
                #expect(limits.contains { $0["tenant"] as? String == "ab123" && $0["limit"] as? String == "throttle" })
                #expect(simulator.report().accepted == 40)
            }
        }

        @Test("Without Headroom calls of the same load are rejected, and counted so")
        func uncoordinated() async throws {
            let vendor = SimulatorConfiguration(vendor: try .only(throttle: 20, per: .seconds(60)))
            try await SimulatedKeap.withRunning(vendor) { simulator in
                let ended = try await HeadroomProgram.run([
                    "drive", simulator.baseURL, "--uncoordinated", "--processes", "2", "--calls", "30", "--backoff",
                    "0.1",
                    "--json",
                ])
                let result = try ended.result()
                #expect(ended.status == 0)
                #expect(result.calls == 30)
                #expect(result.accepted == 20)
                #expect(result.rejected == 10)
                #expect(result.roundTrips == 0)
                #expect(result.limits.isEmpty)
            }
        }

        @Test("A quota with 60 left gives 60 calls, status 3, and a message with its name and reset")
        func quota() async throws {
            let redis = try RedisTestServer()
            var vendor = SimulatorConfiguration()
            (vendor.vendor.spike, vendor.vendor.used[.quota]) = (nil, 149_940)
            try await SimulatedKeap.withRunning(vendor) { simulator in
                let ended = try await HeadroomProgram.run([
                    "drive", simulator.baseURL, "--redis", redis.address, "--limit", "spike=off", "--calls", "100",
                    "--concurrency", "1", "--json",
                ])
                let result = try ended.result()
                #expect(ended.status == 3)
                #expect(result.accepted == 60)
                #expect(result.rejected == 0)
                #expect(result.exhausted > 0)
                #expect(ended.errors.contains("\(result.accepted) of 100 calls made: limit quota is used up"))
                #expect(ended.errors.contains("T00:00:00Z"))
                #expect(simulator.report().accepted == result.accepted)
                #expect(simulator.report().rejected.total == 0)
            }
        }

        @Test("A vendor that does not answer ends the drive with status 2 and the reason")
        func unreachable() async throws {
            let port = try FreePort.find()
            let ended = try await HeadroomProgram.run(
                ["drive", "http://127.0.0.1:\(port)/", "--uncoordinated", "--calls", "100"])
            #expect(ended.status == 2)
            #expect(ended.errors.contains("no answer from http://127.0.0.1:\(port)/: could not connect"))
        }

        @Test("A Redis that does not answer ends it with status 2, and its password is not shown")
        func noRedis() async throws {
            let port = try FreePort.find()
            let ended = try await HeadroomProgram.run([
                "drive", "http://127.0.0.1:1/", "--redis", "redis://user:sesame@127.0.0.1:\(port)", "--calls", "1",
            ])
            #expect(ended.status == 2)
            #expect(ended.errors.contains("cannot use Redis at redis://"))
            #expect(!(ended.errors + ended.output).contains("sesame"))
        }

        @Test(
            "A command line that is not right ends with status 1 and says what would be",
            arguments: [
                (["http://a/", "--memory", "--processes", "2"], "use --processes 1 or --redis"),
                (["http://a/"], "--redis ADDRESS"),
                (["http://a/", "--memory", "--redis", "redis://b"], "exclude each other"),
                (["ftp://a/", "--memory"], "https://"),
                (["http://a/", "--memory", "--limit", "x"], "NAME=CAPACITY/WINDOW"),
                (["http://a/", "--memory", "--calls", "0"], "--calls"),
                (["http://a/", "--memory", "--seconds", "nan"], "--seconds"),
                (["http://a/", "--memory", "--priority", "high"], "background"),
                (["http://a/", "--redis", "rediss://b"], "TLS"),
                (["http://a/", "--memory", "--plan", "gold"], "keap-oauth"), ([], "<url>"),
            ])
        func usage(arguments: [String], advice: String) async throws {
            let ended = try await HeadroomProgram.run(["drive"] + arguments)
            #expect(ended.status == 1)
            #expect(ended.errors.contains(advice), "\(ended.errors)")
            #expect(ended.output.isEmpty)
        }
    }
}

extension VendorConfiguration {
    /// A vendor with one limit: calls in any span of that length.
    static func only(throttle: Int, per span: Duration) throws -> VendorConfiguration {
        VendorConfiguration(
            spike: nil, throttle: try WindowLimit(throttle, per: span, counting: .rolling), quota: nil)
    }
}
