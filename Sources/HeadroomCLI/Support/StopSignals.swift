// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation

/// Tells of SIGINT and SIGTERM, which from its making on no longer end the process by themselves.
final class StopSignals {
    private let sources: [any DispatchSourceSignal]

    /// - Parameter handler: told the signal's number, on a thread of the system's choice.
    init(_ numbers: [Int32] = [SIGINT, SIGTERM], handler: @escaping @Sendable (Int32) -> Void) {
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { handler(number) }
            source.resume()
            return source
        }
    }

    deinit { for source in sources { source.cancel() } }
}
