// SPDX-License-Identifier: Apache-2.0

import CBaselines
import HeadroomRedis

/// hiredis as plain C uses it, one command at a time.
///
/// Not to be used by two tasks at once.
final class SyncClient: @unchecked Sendable {
    // Sendable: passed from one task to the next, as a benchmark is one task after the other.
    private let connection: OpaquePointer

    init(_ place: RedisPlace) throws {
        guard let opened = place.with({ baseline_open($0) }) else {
            throw BenchmarkFailure("hiredis could not connect to \(place)")
        }
        connection = opened
    }

    deinit { baseline_close(connection) }

    /// How long each command took, in nanoseconds.
    func run(_ list: CommandList, from start: Int = 0, count: Int? = nil) throws -> [Double] {
        let count = count ?? list.count - start
        var spans = [Int64](repeating: 0, count: count)
        let answered = baseline_run_synchronous(connection, list.commands + start, count, &spans)
        guard answered == count else {
            throw BenchmarkFailure("Redis answered \(count - answered) of \(count) commands with an error")
        }
        return spans.map(Double.init)
    }

    /// Sends many in one write; nobody looks at the time.
    func runInBatches(_ list: CommandList, depth: Int = 32) throws {
        let answered = baseline_run_in_batches(connection, list.commands, list.count, depth)
        guard answered == list.count else {
            throw BenchmarkFailure("Redis answered \(list.count - answered) of \(list.count) commands with an error")
        }
    }
}

/// The place at which C finds Redis.
enum RedisPlace: Sendable, CustomStringConvertible {
    case socket(String)
    case port(Int)

    func with<Result>(_ body: (baseline_place) throws -> Result) rethrows -> Result {
        switch self {
        case .socket(let path): try path.withCString { try body(baseline_place(path: $0, port: 0)) }
        case .port(let port): try body(baseline_place(path: nil, port: Int32(port)))
        }
    }

    var description: String {
        switch self {
        case .socket(let path): path
        case .port(let port): "port \(port)"
        }
    }
}
