// SPDX-License-Identifier: Apache-2.0

import FlyingSocks
import Foundation

/// An HTTP client of a user's own, which knows nothing of Headroom: one connection for each call.
struct PlainClient {
    let host: String
    let port: UInt16

    func get(_ path: String) async throws -> PlainResponse {
        let socket: AsyncSocket
        do {
            socket = try await .connected(to: .inet(ip4: host, port: port))
        } catch {
            throw CannotConnect(underlying: error)
        }
        defer { try? socket.close() }
        try await socket.write(Data("GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n".utf8))
        var head = ""
        while !head.hasSuffix("\r\n\r\n") {
            head.unicodeScalars.append(Unicode.Scalar(try await socket.read()))
        }
        var response = PlainResponse(head)
        let length = response.fields.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        if length > 0 { response.body = try await socket.read(bytes: length) }
        return response
    }
}

/// Nothing was sent.
struct CannotConnect: Error {
    let underlying: any Error
}

struct PlainResponse {
    let statusCode: Int
    let fields: [(name: String, value: String)]
    var body: [UInt8] = []

    init(_ head: String) {
        let lines = head.split(separator: "\r\n")
        statusCode = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
        fields = lines.dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (String(line[..<colon]), value)
        }
    }
}
