// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes

/// A response as an HTTP client delivers it: whatever can name its status and go through its header fields.
public protocol VendorResponse {
    /// The status code, such as 200 or 429.
    var statusCode: Int { get }

    /// Calls `body` with each header field in the order received. Names may be in any case, and may repeat.
    func forEachField(_ body: (_ name: String, _ value: String) -> Void)
}

extension HTTPResponse: VendorResponse {
    public var statusCode: Int { status.code }

    public func forEachField(_ body: (_ name: String, _ value: String) -> Void) {
        for field in headerFields { body(field.name.rawName, field.value) }
    }
}
