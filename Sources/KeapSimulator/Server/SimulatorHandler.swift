// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation
import Headroom

/// The answers to requests: of the simulator's own paths, and of every other as a call of the vendor's API.
struct SimulatorHandler: HTTPHandler {
    let core: SimulatorCore
    let silence: Duration

    func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
        switch request.path {
        case "/__simulator/report": try report()
        case "/__simulator/reset": reset(request)
        default: try await callUnlessStopped(request)
        }
    }

    /// A call that is under way when the simulator stops is not answered: an answer would not be the vendor's.
    private func callUnlessStopped(_ request: HTTPRequest) async throws -> HTTPResponse {
        do {
            return try await call(request)
        } catch is CancellationError {
            return HTTPResponse(webSocket: ClosingHandler())
        }
    }

    private func call(_ request: HTTPRequest) async throws -> HTTPResponse {
        let tenant = request.headers[.tenant] ?? request.query.first { $0.name == "tenant" }?.value
        if let tenant, Tenant(tenant) == nil {
            return .text(.badRequest, "tenant '\(tenant)' is not 1 to 128 bytes of printable ASCII without braces")
        }
        let latency = core.drawLatency()
        try await pause(latency.before)
        let answer = core.receive(tenant: tenant, caller: request.headers[.instance] ?? request.headers[.userAgent])
        guard answer.outcome != .failed(.silent) else {
            try await Task.sleep(for: silence)
            return HTTPResponse(webSocket: ClosingHandler())
        }
        try await pause(latency.after)
        return HTTPResponse(answer)
    }

    private func pause(_ span: Duration) async throws {
        if span > .zero { try await Task.sleep(for: span) }
    }

    private func report() throws -> HTTPResponse {
        HTTPResponse(statusCode: .ok, headers: [.contentType: "application/json"], body: try core.report().json())
    }

    private func reset(_ request: HTTPRequest) -> HTTPResponse {
        guard request.method == .POST else { return .text(.methodNotAllowed, "reset with POST") }
        core.reset(windows: request.query.contains { $0.name == "windows" })
        return .text(.ok, "reset")
    }
}

/// A close of the connection without an answer: the server has no other way to ask for it.
private struct ClosingHandler: WSHandler {
    func makeFrames(for client: AsyncThrowingStream<WSFrame, any Error>) async throws -> AsyncStream<WSFrame> {
        throw SimulatorError("the call is never answered")
    }
}

extension HTTPHeader {
    fileprivate static let tenant = HTTPHeader("X-Keap-Tenant")
    fileprivate static let instance = HTTPHeader("X-Headroom-Instance")
    fileprivate static let userAgent = HTTPHeader("User-Agent")
}

extension HTTPResponse {
    fileprivate init(_ answer: VendorAnswer) {
        var headers = HTTPHeaders()
        for header in answer.headers { headers.addValue(header.value, for: HTTPHeader(header.name)) }
        self.init(
            statusCode: HTTPStatusCode(answer.status, phrase: Self.phrase(answer.status)), headers: headers,
            body: Data(answer.body.utf8))
    }

    fileprivate static func text(_ status: HTTPStatusCode, _ text: String) -> HTTPResponse {
        HTTPResponse(statusCode: status, headers: [.contentType: "text/plain"], body: Data((text + "\n").utf8))
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 429: "Too Many Requests"
        case 503: "Service Unavailable"
        default: "Internal Server Error"
        }
    }
}
