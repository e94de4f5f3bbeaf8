// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A listener with answers of the test's own: a server that is broken in ways in which a real one cannot be asked to
/// be.
package final class FakeServer: Sendable {
    package let port: Int
    private let listener: Int32

    /// - Parameter answer: gets each chunk of bytes that comes over a connection, and the connection's number from 0;
    ///   what it returns is sent back. `nil` ends the connection.
    package init(_ answer: @escaping @Sendable (_ connection: Int, _ bytes: [UInt8]) -> [UInt8]?) throws {
        port = try FreePort.find()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var (address, on) = (sockaddr_in(), Int32(1))
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0, listen(listener, 64) == 0 else { throw FakeServerError(number: errno) }
        Thread.detachNewThread { [listener] in
            var count = 0
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                let number = count
                count += 1
                Thread.detachNewThread { Self.serve(connection) { answer(number, $0) } }
            }
        }
    }

    deinit {
        // Ends accept(), too.
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    package var address: String { "redis://127.0.0.1:\(port)" }

    private static func serve(_ connection: Int32, _ answer: ([UInt8]) -> [UInt8]?) {
        defer { close(connection) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0, let bytes = answer(Array(buffer[..<count])) else { return }
            var sent = 0
            while sent < bytes.count {
                let written = bytes[sent...].withUnsafeBytes {
                    send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard written > 0 else { return }
                sent += written
            }
        }
    }
}

package struct FakeServerError: Error {
    package let number: Int32

    package init(number: Int32) { self.number = number }
}
