// SPDX-License-Identifier: Apache-2.0

import Dispatch
package import Foundation

/// A watch on SIGINT and SIGTERM, which from its making on no longer end the process by themselves.
package final class StopSignals {
    private let arrivals: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    /// Begins the watch, which lasts as long as the value lives.
    ///
    /// - Parameter handler: gets the signal's number, on a thread of the system's choice.
    package init(
        _ numbers: [Int32] = [SIGINT, SIGTERM], handler: @escaping @Sendable (Int32) -> Void = { _ in }
    ) {
        let (arrivals, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingOldest(1))
        self.arrivals = arrivals
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                continuation.yield(number)
                handler(number)
            }
            source.resume()
            return source
        }
    }

    deinit { for source in sources { source.cancel() } }

    /// Returns when one of the signals has come, or the task is cancelled.
    package func wait() async {
        for await _ in arrivals { return }
    }
}
