// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeadroomCLI
import KeapSimulator
import RedisTestServer
import Testing

extension EndToEnd {
    @Suite("Showing an account")
    struct StatusTests {
        @Test("After a drive the table and the JSON show what was used, of the tenant too")
        func shown() async throws {
            let redis = try RedisTestServer()
            try await SimulatedKeap.withRunning { simulator in
                _ = try await HeadroomProgram.run([
                    "drive", simulator.baseURL, "--redis", redis.address, "--client-id", "my app/1", "--tenant",
                    "ab123",
                    "--calls", "20",
                ])
            }
            let arguments = [
                "status", "--redis", redis.address, "--client-id", "my app/1", "--tenant", "ab123", "--tenant", "b",
            ]
            let table = try await HeadroomProgram.run(arguments)
            #expect(table.status == 0)
            #expect(table.output.hasPrefix("client id my app/1\n"))
            #expect(table.output.contains("product: 0 outstanding"))
            #expect(table.output.contains("tenant ab123: 0 outstanding"))
            #expect(table.output.contains("tenant b: never seen"))
            #expect(table.output.contains("0 instances, 0 waiting for permits"))
            let json = try await HeadroomProgram.run(arguments + ["--json"])
            let report = try JSONDecoder().decode(StatusReport.self, from: Data(json.output.utf8))
            #expect(report.budgets.map(\.tenant) == [nil, "ab123"])
            let throttle = report.budgets.first?.limits.first { $0.name == "throttle" }
            #expect(throttle?.spent == 20)
            #expect(throttle?.capacity == 1_500)
            #expect(throttle?.window == "60s")
        }

        @Test("A client id without an account ends with 4, a Redis that does not answer with 2, no address with 1")
        func failures() async throws {
            let redis = try RedisTestServer()
            let unknown = try await HeadroomProgram.run(["status", "--redis", redis.address, "--client-id", "nobody"])
            #expect(unknown.status == 4)
            #expect(unknown.errors.contains("no account of client id 'nobody'"))
            redis.stop()
            let gone = try await HeadroomProgram.run(["status", "--redis", redis.address, "--client-id", "nobody"])
            #expect(gone.status == 2)
            #expect(gone.errors.contains("cannot use Redis at redis://127.0.0.1"))
            let none = try await HeadroomProgram.run(["status", "--client-id", "nobody"])
            #expect(none.status == 1)
            #expect(none.errors.contains("HEADROOM_REDIS"))
        }

        @Test("With --watch it is shown again and again, as a line of JSON each time")
        func watched() async throws {
            let redis = try RedisTestServer()
            try await SimulatedKeap.withRunning { simulator in
                _ = try await HeadroomProgram.run(
                    ["drive", simulator.baseURL, "--redis", redis.address, "--client-id", "c", "--calls", "1"])
            }
            let program = try HeadroomProgram(
                ["status", "--redis", redis.address, "--client-id", "c", "--json", "--watch", "0.1"])
            // Shown twice, for certain, once it is asked for the third time.
            let before = try Self.asked(redis)
            for _ in 0..<2_400 where try Self.asked(redis) < before + 3 { try await Task.sleep(for: .milliseconds(25)) }
            program.send(SIGTERM)
            let lines = await program.end().output.split(separator: "\n")
            #expect(lines.count >= 2)
            for line in lines { _ = try JSONDecoder().decode(StatusReport.self, from: Data(line.utf8)) }
        }

        /// How often a script was called.
        private static func asked(_ redis: RedisTestServer) throws -> Int {
            let lines = try redis.command("INFO", "commandstats").split(separator: "\r\n")
            let scripts = lines.filter { $0.hasPrefix("cmdstat_fcall") || $0.hasPrefix("cmdstat_evalsha") }
            return scripts.reduce(0) { $0 + (Int($1.drop { $0 != "=" }.dropFirst().prefix { $0 != "," }) ?? 0) }
        }
    }
}
