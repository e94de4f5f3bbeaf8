// SPDX-License-Identifier: Apache-2.0

import CommandLine
package import Foundation

/// The figures of one run, as they are kept in a file.
package struct BenchmarkReport: Sendable, Hashable, Codable {
    /// The version of the file's form. Reading another one fails.
    package var version = 1
    /// The day and time of the run, as text.
    package var date: String
    package var machine: String
    package var isQuick: Bool
    package var rows: [Row]
    package var fleet: [FleetLine]

    package init(date: String, machine: String, isQuick: Bool, rows: [Row] = [], fleet: [FleetLine] = []) {
        (self.date, self.machine, self.isQuick, self.rows, self.fleet) = (date, machine, isQuick, rows, fleet)
    }

    /// As JSON, for people and programs.
    package func json() throws -> Data {
        Data((try JSONText.pretty(self) + "\n").utf8)
    }

    /// Reads what ``json()`` wrote.
    ///
    /// - Throws: ``ReportError`` if it is something else, or of another version.
    package init(json: Data) throws {
        struct Header: Decodable { var version: Int }
        guard let header = try? JSONDecoder().decode(Header.self, from: json) else {
            throw ReportError("not a result of this program")
        }
        guard header.version == 1 else {
            throw ReportError("version \(header.version) of a result; this program reads 1")
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: json)
        } catch {
            throw ReportError("not a whole result of this program: \(error)")
        }
    }
}

/// The reason why a file is no result.
package struct ReportError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
