// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import Headroom

#if canImport(FoundationNetworking)
public import FoundationNetworking
#endif

extension URLSession {
    /// Makes a call within a budget: waits for a permit, and makes the call again if a limit rejected it.
    ///
    /// A rejected call is made again after the wait that the verdict names, with a new permit. If the timeout leaves
    /// no time for that, the rejected response (a 429) is returned as any other. A request whose body is a stream is
    /// made once: the stream cannot be read a second time.
    ///
    /// An error of the connection is thrown as it is. The call then counts as spent, unless it certainly was not sent.
    ///
    /// - Parameters:
    ///   - request: the call.
    ///   - budget: the coordinator; its `run()` must be running.
    ///   - tenant: whose budget the call draws on as well. Default: none.
    ///   - priority: calls of a higher one go first. Default: normal.
    ///   - label: what the call is for: 1 to 64 bytes of printable ASCII without blanks and braces. Nothing is counted
    ///     by it yet. Default: none.
    ///   - timeout: how long to wait for permits and to try again. The request's own timeout bounds each call.
    ///     Default: as the coordinator is configured.
    /// - Throws: `RateLimitError` if the call was never made, or the task was cancelled; else the error of the
    ///   session.
    public func data(
        for request: URLRequest, budget: RateCoordinator, tenant: String? = nil, priority: Priority = .normal,
        label: String? = nil, timeout: Timeout = .configured
    ) async throws -> (Data, URLResponse) {
        let (response, data) = try await budget.perform(
            tenant: tenant, priority: priority, label: label, timeout: timeout,
            isRepeatable: request.httpBodyStream == nil, isUnsent: { $0.isCertainlyUnsent }
        ) {
            let (data, response) = try await self.data(for: request)
            return (AnyURLResponse(response), data)
        }
        return (data, response.response)
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
