// SPDX-License-Identifier: Apache-2.0

import Foundation
import Soak
import Testing

/// The built program, as `Scripts/soak` starts it, with a shorter window and time to live.
@Suite("A short soak", .timeLimit(.minutes(10)))
struct SoakTests {
    @Test("Workers are killed and stopped, Redis is lost and emptied and cut off, and the accounts are the same")
    func short() async throws {
        let file = NSTemporaryDirectory() + "soak-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let faults = "worker-kill,worker-stall,redis-down,redis-empty,flush-all,network-cut"
        let ended = try await Self.run([
            "--duration", "24s", "--workers", "4", "--window", "2", "--time-to-live", "2", "--seed", "5",
            "--faults", faults, "--json", file,
        ])
        let report = try JSONDecoder().decode(SoakReport.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
        #expect(ended.status == (report.holds ? 0 : 1), "\(ended.output)")
        // How many calls are rejected is a matter of minutes: with a window as short as this one, every fault is a
        // large one.
        let failed = report.checks.filter { !$0.holds && !Self.needTime.contains($0.name) }
        #expect(failed == [], "\(ended.output)")
        #expect(report.vendor.rejectedShare < 0.1)
        #expect(report.faults.count >= 5, "\(report.faults)")
        #expect(report.vendor.calls > 100)
        print(ended.output)
    }

    private static let needTime = ["no window of the vendor is over its limit", "few calls are rejected"]

    @Test(
        "Options that cannot be followed are errors that say what would be right",
        arguments: [
            (["--duration", "soon"], "--duration 'soon' is no span such as 90s, 10m or 8h"),
            (["--duration", "3s"], "--duration 3s is not between 10 s and 23 h"),
            (["--duration", "90s"], "--duration 90s leaves no time for faults: at least 95 s"),
            (["--workers", "0"], "--workers 0 is not in 1...64"),
            (["--faults", "tornado"], "no fault 'tornado'; there are: worker-kill, "),
        ])
    func usage(arguments: [String], message: String) async throws {
        let ended = try await Self.run(arguments)
        #expect(ended.status == 64)
        #expect(ended.output.contains(message), "\(ended.output)")
    }

    @Test("The script's help lists every kind of fault, and no other")
    func help() async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let script = root.deletingLastPathComponent().appendingPathComponent("Scripts/soak").path
        let lines = try await Self.run(["--help"], of: script).output.split(separator: "\n")
        let listed = lines.drop { $0 != "Faults:" }.dropFirst().prefix { $0.hasPrefix("  ") }
        let names = listed.compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(names == FaultKind.allCases.map(\.rawValue))
    }

    /// Status, and what was written to either stream.
    private static func run(
        _ arguments: [String], of program: String = program
    ) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        (process.standardInput, process.standardOutput, process.standardError) = (FileHandle.nullDevice, output, output)
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        try process.run()
                        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                        process.waitUntilExit()
                        return (process.terminationStatus, text)
                    })
            }
        }
    }

    /// Beside the test bundle in the folder of the build.
    private static var program: String {
        let bundle = Bundle.allBundles.map(\.bundlePath).first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("Soak").path
    }
}
