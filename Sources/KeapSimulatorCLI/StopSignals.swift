// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation

/// Waits for SIGTERM or SIGINT, which from its making on no longer end the process by themselves.
final class StopSignals {
    private let arrivals: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        arrivals = stream
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
    }

    deinit { for source in sources { source.cancel() } }

    /// Returns when one of the signals has come, or the task is cancelled.
    func wait() async {
        for await _ in arrivals { return }
    }
}
