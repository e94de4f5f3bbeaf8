// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import Headroom

#if canImport(FoundationNetworking)
public import FoundationNetworking
#endif

/// Lets a lease be completed with Foundation's response: `lease.complete(response, data)`.
extension HTTPURLResponse: VendorResponse {
    public func forEachField(_ body: (_ name: String, _ value: String) -> Void) {
        for (name, value) in allHeaderFields {
            if let name = name as? String, let value = value as? String { body(name, value) }
        }
    }
}

extension Lease {
    /// Ends the lease with a response and its body, and passes both on. A response that is not HTTP's counts as
    /// accepted.
    public consuming func complete(_ response: URLResponse, _ data: Data) -> Completion<(Data, URLResponse)> {
        guard let http = response as? HTTPURLResponse else {
            return Completion(verdict: complete(VendorReading(status: 200)), value: (data, response))
        }
        return Completion(verdict: complete(http, body: data), value: (data, response))
    }
}
