// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import Headroom

#if canImport(FoundationNetworking)
public import FoundationNetworking
#endif

extension URLSession {
    /// Makes a call within a budget: waits for a permit, and tries again by itself where a limit refused the call.
    ///
    /// As long as the coordinator's configured timeout. See ``data(for:budget:tenant:priority:label:timeout:)``.
    public func data(
        for request: URLRequest, budget: RateCoordinator, tenant: String? = nil, priority: Priority = .normal,
        label: String? = nil
    ) async throws -> (Data, URLResponse) {
        try await data(
            for: request, budget: budget, tenant: tenant, priority: priority, label: label,
            timeout: budget.configuration.timeout)
    }

    /// Makes a call within a budget: waits for a permit, and tries again by itself where a limit refused the call.
    ///
    /// A refused call is made again after the wait that the verdict names, with a new permit. Where the timeout leaves
    /// no time for that, the refusal (a 429) is returned as any other response. A request whose body is a stream is
    /// made once: the stream cannot be read a second time.
    ///
    /// An error of the connection is thrown as it is. The call then counts as spent, unless it certainly was not sent.
    ///
    /// - Parameters:
    ///   - request: the call.
    ///   - budget: the coordinator; its `run()` must be running.
    ///   - tenant: whose budget the call draws on as well. Default: none.
    ///   - priority: calls of a higher one go first. Default: normal.
    ///   - label: what the call is for, in statistics. Default: none.
    ///   - timeout: how long to wait for permits and to try again; nil: until the task is cancelled. The request's own
    ///     timeout bounds each call.
    /// - Throws: `RateLimitError` where the call was never made; else the error of the session.
    public func data(
        for request: URLRequest, budget: RateCoordinator, tenant: String? = nil, priority: Priority = .normal,
        label: String? = nil, timeout: Duration?
    ) async throws -> (Data, URLResponse) {
        let deadline = budget.deadline(after: timeout)
        var refused: (Data, URLResponse)?
        while true {
            do {
                let lease = try await budget.acquireUsable(
                    tenant: tenant, priority: priority, label: label, deadline: deadline)
                let completion = try await send(request, lease)
                guard case .rejected(let rejection) = completion.verdict, request.httpBodyStream == nil else {
                    return completion.value
                }
                refused = completion.value
                try await budget.pause(after: rejection, deadline: deadline)
            } catch let error as RateLimitError {
                guard let refused, error.code != .cancelled else { throw error }
                return refused
            }
        }
    }

    private func send(
        _ request: URLRequest, _ lease: consuming Lease
    ) async throws -> Completion<(Data, URLResponse)> {
        let result: Result<(Data, URLResponse), any Error>
        do { result = .success(try await data(for: request)) } catch { result = .failure(error) }
        switch result {
        case .success((let data, let response)): return lease.complete(response, data)
        case .failure(let error):
            // Not ended, a lease counts as spent when it goes out of scope.
            if error.isCertainlyUnsent { lease.cancel() }
            throw error
        }
    }
}

extension Error {
    /// Whether the connection failed before anything of the request can have reached the vendor.
    fileprivate var isCertainlyUnsent: Bool {
        guard let error = self as? URLError else { return false }
        switch error.code {
        case .cannotConnectToHost, .cannotFindHost, .dnsLookupFailed, .notConnectedToInternet, .badURL, .unsupportedURL,
            .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid,
            .appTransportSecurityRequiresSecureConnection:
            return true
        default: return false
        }
    }
}
