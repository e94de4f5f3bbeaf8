// SPDX-License-Identifier: Apache-2.0

import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The HTTP client of one process.
final class VendorCaller: Sendable {
    /// The end of a call.
    enum Answer: Sendable {
        case response(HTTPURLResponse, Data)
        case failure(String)
    }

    private let session: URLSession
    private let request: URLRequest

    init(_ url: URL, tenant: String?, process: Int, concurrency: Int) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = concurrency
        configuration.timeoutIntervalForRequest = 30
        configuration.urlCache = nil
        configuration.httpShouldSetCookies = false
        session = URLSession(configuration: configuration)
        var request = URLRequest(url: url)
        // By this the simulator knows whose calls these are. Any other vendor ignores it.
        request.setValue("drive-\(process)", forHTTPHeaderField: "X-Headroom-Instance")
        if let tenant { request.setValue(tenant, forHTTPHeaderField: "X-Keap-Tenant") }
        self.request = request
    }

    /// Makes one call. It goes on when the task is cancelled, as the vendor may have counted it. ``cutOff()`` ends it.
    func call() async -> Answer {
        await withCheckedContinuation { continuation in
            session.dataTask(with: request) { data, response, error in
                continuation.resume(returning: Self.answer(data, response, error))
            }.resume()
        }
    }

    /// Ends all calls that are under way.
    func cutOff() {
        session.getAllTasks { tasks in
            for task in tasks { task.cancel() }
        }
    }

    private static func answer(_ data: Data?, _ response: URLResponse?, _ error: (any Error)?) -> Answer {
        guard let response = response as? HTTPURLResponse else { return .failure(reason(error)) }
        return .response(response, data ?? Data())
    }

    private static func reason(_ error: (any Error)?) -> String {
        guard let error = error as? URLError else { return error.map { "\($0)" } ?? "no response" }
        return switch error.code {
        case .cancelled: "cut off because the drive ended"
        case .timedOut: "no answer within 30 s"
        case .cannotConnectToHost: "could not connect"
        case .cannotFindHost: "no such host"
        case .networkConnectionLost: "the connection was lost"
        default: error.localizedDescription
        }
    }
}
