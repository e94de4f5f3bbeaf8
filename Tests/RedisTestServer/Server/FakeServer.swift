// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A listener with answers of the test's own: a server that is broken in ways in which a real one cannot be asked to
/// be.
package final class FakeServer: Sendable {
    package let port: Int
    private let listener: StreamSocket

    /// - Parameter answer: gets each chunk of bytes that comes over a connection, and the connection's number from 0;
    ///   what it returns is sent back. `nil` ends the connection.
    package init(_ answer: @escaping @Sendable (_ connection: Int, _ bytes: [UInt8]) -> [UInt8]?) throws {
        listener = try StreamSocket.listening(on: 0)
        port = listener.port
        Thread.detachNewThread { [listener] in
            var count = 0
            while let connection = listener.accept() {
                let number = count
                count += 1
                Thread.detachNewThread { Self.serve(connection) { answer(number, $0) } }
            }
        }
    }

    deinit { listener.end() }

    package var address: String { "redis://127.0.0.1:\(port)" }

    private static func serve(_ connection: StreamSocket, _ answer: ([UInt8]) -> [UInt8]?) {
        while true {
            let bytes = connection.receive()
            guard !bytes.isEmpty, let answered = answer(bytes), connection.send(answered) else { return }
        }
    }
}
