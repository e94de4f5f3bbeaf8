// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeadroomCLI
import Testing

extension EndToEnd {
    @Suite("Tables of results, as the scripts ask for them")
    struct ReportCommandTests {
        @Test("Two results are printed side by side and drawn as a picture")
        func compare() async throws {
            try await withFolder { folder in
                let (first, second) = (folder + "/first.json", folder + "/second.json")
                for (path, accepted) in [(first, 700), (second, 1_450)] {
                    try Self.result(accepted: accepted).write(to: URL(fileURLWithPath: path))
                }
                let picture = folder + "/table.svg"
                let ended = try await HeadroomProgram.run([
                    "report", "compare", "each for itself=\(first)", "with Headroom=\(second)", "--title",
                    "2 processes", "--picture", picture,
                ])
                #expect(ended.status == 0, "\(ended.errors)")
                #expect(ended.output.contains("calls accepted                         700            1,450\n"))
                #expect(ended.output.contains("2 processes; plan keap-oauth: 25 a second, 1,500 a minute\n"))
                #expect(try String(contentsOfFile: picture, encoding: .utf8).contains(">1,450</text>"))
            }
        }

        @Test("A file that is missing or holds no result ends with 1 and its name")
        func noResult() async throws {
            try await withFolder { folder in
                let empty = folder + "/empty.json"
                try Data().write(to: URL(fileURLWithPath: empty))
                for (path, message) in [(empty, "holds no result"), (folder + "/none.json", "cannot read")] {
                    let ended = try await HeadroomProgram.run(["report", "compare", "a=\(path)", "--title", "x"])
                    #expect(ended.status == 1)
                    #expect(ended.output.isEmpty)
                    #expect(ended.errors.contains(path) && ended.errors.contains(message), "\(ended.errors)")
                }
            }
        }

        private static func result(accepted: Int) throws -> Data {
            var state = FleetState(processIDs: [11, 12])
            state.take(.done(FleetStateTests.report(accepted: accepted, seconds: 60)), from: 0)
            return try JSONEncoder().encode(DriveResult(state))
        }

        private func withFolder(_ body: (String) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("headroom-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try await body(folder.path)
        }
    }
}
