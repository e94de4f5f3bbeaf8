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

    /// A server that answers each command by itself: with `+OK` to what a connection begins with.
    ///
    /// - Parameter answer: gets the words of each other command; what it returns is sent back, followed by a line end.
    package convenience init(answer: @escaping @Sendable (_ words: [String]) -> String) throws {
        let scanners = Guarded<[Int: RESPScanner]>([:])
        try self.init { connection, bytes in
            let requests = scanners.with { scanners in
                var requests: [[UInt8]] = []
                scanners[connection, default: RESPScanner()].append(bytes)
                while let request = scanners[connection]?.next() { requests.append(request) }
                return requests
            }
            return requests.flatMap { request in
                let words = RESPScanner.words(of: request).map { String(decoding: $0, as: UTF8.self) }
                let isGreeting = words.first == "PING" || words.first == "CLIENT"
                return Array(((isGreeting ? "+OK" : answer(words)) + "\r\n").utf8)
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
