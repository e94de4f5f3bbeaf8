// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import Headroom

#if canImport(FoundationNetworking)
public import FoundationNetworking
#endif

extension HTTPURLResponse: VendorResponse {
    public func forEachField(_ body: (_ name: String, _ value: String) -> Void) {
        for (name, value) in allHeaderFields {
            if let name = name as? String, let value = value as? String { body(name, value) }
        }
    }
}

extension Lease {
    /// Ends the lease with Foundation's response. One that is not HTTP's counts as accepted.
    public consuming func complete(_ response: URLResponse, body: Data) -> Verdict {
        complete(AnyURLResponse(response), body: body)
    }

    /// Ends the lease with Foundation's response, and passes a value on. A response that is not HTTP's counts as
    /// accepted.
    public consuming func complete<Value>(
        _ response: URLResponse, body: Data, value: Value
    ) -> Completion<Value> {
        complete(AnyURLResponse(response), body: body, value: value)
    }
}

/// A response of any kind, such as that of a `file:` address: what is not HTTP's has no header fields, and the status
/// 200.
struct AnyURLResponse: VendorResponse {
    let response: URLResponse

    init(_ response: URLResponse) { self.response = response }

    var statusCode: Int { (response as? HTTPURLResponse)?.statusCode ?? 200 }

    func forEachField(_ body: (_ name: String, _ value: String) -> Void) {
        (response as? HTTPURLResponse)?.forEachField(body)
    }
}
