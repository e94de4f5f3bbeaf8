// SPDX-License-Identifier: Apache-2.0

import Logging

/// A log whose lines go to the process that started this one, which knows where on the screen they belong.
struct ParentLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    let process: Int

    init(process: Int, isVerbose: Bool) {
        self.process = process
        logLevel = isVerbose ? .debug : .warning
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let details = all.sorted { $0.key < $1.key }.map { " \($0)=\($1)" }.joined()
        DriveChildCommand.send(.log("process \(process): \(event.level): \(event.message)\(details)"))
    }
}
