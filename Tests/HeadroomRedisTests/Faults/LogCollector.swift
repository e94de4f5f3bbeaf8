// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport
import Logging

/// Keeps every line that is logged, of all levels, with its metadata.
final class LogCollector: Sendable {
    private let kept = Mutex<[String]>([])

    /// What was logged so far.
    var lines: [String] { kept.withLock { $0 } }

    /// A logger whose lines come here.
    func logger(_ label: String) -> Logger {
        Logger(label: label) { Handler(collector: self, label: $0) }
    }

    private func add(_ line: String) { kept.withLock { $0.append(line) } }

    private struct Handler: LogHandler {
        let collector: LogCollector
        let label: String
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            collector.add("\(event.level) \(label): \(event.message) \(all)")
        }
    }
}
