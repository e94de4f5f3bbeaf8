// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom

/// A response's status and headers, as they were received.
struct Capture {
    let status: Int
    let fields: [(name: String, value: String)]

    init(_ name: String) throws {
        let url = Bundle.module.bundleURL.appending(path: "Captures/\(name).txt")
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        guard let first = lines.first, let status = Int(first.dropFirst("HTTP/1.1 ".count)) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        self.status = status
        fields = lines.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (name: String(line[..<colon]), value: String(line[colon...].dropFirst()))
        }
    }

    func parse(now: WallInstant) -> VendorReading {
        read(status, fields.map { ($0.name, $0.value) }, now: now)
    }
}

/// What Keap's vendor reads in a response.
func read(
    _ status: Int = 200, _ fields: some Sequence<(String, String)> = [], body: some Sequence<UInt8> = [],
    now: WallInstant = WallInstant(since1970: .zero)
) -> VendorReading {
    Keap().read(ResponseHead(status: status, fields: fields), body: body, now: now)
}

/// A time in UTC.
func utc(_ text: String) -> WallInstant {
    guard let date = try? Date(text, strategy: .iso8601) else { preconditionFailure("no time: \(text)") }
    return WallInstant(since1970: .seconds(Int64(date.timeIntervalSince1970)))
}
