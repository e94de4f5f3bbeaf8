// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeadroomCLI
import KeapSimulator
import RedisTestServer
import Testing

extension EndToEnd {
    @Suite("Processes of a drive")
    struct ProcessTests {
        @Test("When one is killed with permits in hand, the others go on, and nothing goes over the limit")
        func killed() async throws {
            let redis = try RedisTestServer()
            let vendor = SimulatorConfiguration(vendor: try .only(throttle: 60, per: .seconds(5)))
            try await SimulatedKeap.withRunning(vendor) { simulator in
                let program = try HeadroomProgram(
                    Self.drive(simulator, redis) + [
                        "--limit", "throttle=60/5s", "--hold", "0.3", "--seconds", "14", "--json",
                    ])
                let children = try await program.children(3)
                try await Self.wait { simulator.report().accepted > 20 }
                kill(children[1], SIGKILL)
                let before = simulator.report().accepted
                let ended = await program.end()
                let result = try ended.result()
                #expect(ended.status == 0)
                #expect(result.processes.map(\.exit) == [nil, "signal 9 (SIGKILL)", nil])
                #expect(result.processes.map(\.pid) == children)
                #expect(ended.errors.contains("process 2 ended by signal 9 (SIGKILL)"))
                let report = simulator.report()
                #expect(report.accepted > before + 60)
                #expect(report.rejected.total == 0)
                #expect(report.limits["throttle"].map { $0.peak <= 60 } == true)
                #expect(result.rejected == 0)
            }
        }

        @Test("Ctrl-C ends all in order, gives permits back, and the result is still written")
        func interrupted() async throws {
            let redis = try RedisTestServer()
            try await SimulatedKeap.withRunning { simulator in
                let program = try HeadroomProgram(
                    Self.drive(simulator, redis) + ["--hold", "0.2", "--seconds", "600", "--json"])
                let children = try await program.children(3)
                try await Self.wait { simulator.report().accepted > 10 }
                let start = ContinuousClock.now
                program.send(SIGINT)
                let ended = await program.end()
                #expect(ContinuousClock.now - start < .seconds(30), "not at the end of its minutes")
                #expect(ended.status == 130)
                let result = try ended.result()
                #expect(result.interrupted == "SIGINT")
                #expect(result.accepted == simulator.report().accepted)
                #expect(result.processes.allSatisfy { $0.exit == nil })
                #expect(try HeadroomProgram.commandLines(children).isEmpty)
                let status = try await HeadroomProgram.run(
                    ["status", "--redis", redis.address, "--client-id", "test", "--json"])
                let report = try JSONDecoder().decode(StatusReport.self, from: Data(status.output.utf8))
                #expect(report.instanceCount == 0)
                #expect(report.budgets.map(\.outstanding) == [0])
            }
        }

        @Test("SIGTERM does the same, with a status of its own")
        func terminated() async throws {
            let redis = try RedisTestServer()
            try await SimulatedKeap.withRunning { simulator in
                let program = try HeadroomProgram(Self.drive(simulator, redis) + ["--seconds", "600"])
                try await Self.wait { simulator.report().accepted > 0 }
                program.send(SIGTERM)
                let ended = await program.end()
                #expect(ended.status == 143)
                #expect(ended.output.hasPrefix("accepted  "))
            }
        }

        @Test("When the one that started them is killed, they end")
        func orphaned() async throws {
            let redis = try RedisTestServer()
            try await SimulatedKeap.withRunning { simulator in
                let program = try HeadroomProgram(Self.drive(simulator, redis) + ["--seconds", "600"])
                let children = try await program.children(3)
                try await Self.wait { simulator.report().accepted > 0 }
                program.send(SIGKILL)
                try await Self.wait { try HeadroomProgram.commandLines(children).isEmpty }
            }
        }

        @Test("The password of Redis is in no process' arguments; the environment may name the address")
        func secrets() async throws {
            var options = RedisTestServer.Options()
            options.password = "sesame"
            let redis = try RedisTestServer(options)
            try await SimulatedKeap.withRunning { simulator in
                let program = try HeadroomProgram(
                    ["drive", simulator.baseURL, "--processes", "2", "--seconds", "600"],
                    environment: ["HEADROOM_REDIS": redis.address])
                let children = try await program.children(2)
                let lines = try HeadroomProgram.commandLines(children + [program.processID])
                #expect(lines.count == 3)
                #expect(!lines.contains { $0.contains("sesame") })
                try await Self.wait { simulator.report().accepted > 30 }
                program.send(SIGTERM)
                let ended = await program.end()
                #expect(ended.status == 143)
                let accepted = "\(simulator.report().accepted)"
                let line = ended.output.split(separator: "\n").first?.split(separator: " ")
                #expect(line == ["accepted", accepted[...]], "\(ended.output)")
            }
        }

        private static func drive(_ simulator: RunningSimulator, _ redis: RedisTestServer) -> [String] {
            [
                "drive", simulator.baseURL, "--redis", redis.address, "--client-id", "test", "--processes", "3",
                "--limit", "spike=off", "--limit", "quota=off",
            ]
        }

        private static func wait(until condition: () throws -> Bool) async throws {
            for _ in 0..<2_400 {
                if try condition() { return }
                try await Task.sleep(for: .milliseconds(25))
            }
            Issue.record("it has not come about within a minute")
        }
    }
}
