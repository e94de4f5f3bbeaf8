// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// A search for a host's addresses that does not block its caller: the system's call for it can take as long as a name
/// server likes.
final class HostResolver: Sendable {
    private let found = Mutex<Result<[SocketAddress], HostNotFound>?>(nil)

    /// Starts the search. `done` is called on another thread once ``result`` is there. It is not called if the host is
    /// an address itself, as the result is there at once.
    ///
    /// - Parameter threadName: What system tools show for the thread of the search.
    init(host: String, port: Int, threadName: String, done: @escaping @Sendable () -> Void) {
        let numeric = SocketAddress.find(host: host, port: port, numericOnly: true)
        if case .success = numeric {
            found.withLock { $0 = numeric }
            return
        }
        let status = DetachedThread.start(threadName) { [self] in
            let result = SocketAddress.find(host: host, port: port, numericOnly: false)
            found.withLock { $0 = result }
            done()
        }
        guard status != 0 else { return }
        found.withLock { $0 = .failure(HostNotFound(reason: "no thread to ask on: \(SocketIO.describe(status))")) }
    }

    /// What was found. `nil` while the search goes on.
    var result: Result<[SocketAddress], HostNotFound>? { found.withLock { $0 } }
}
