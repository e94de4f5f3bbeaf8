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

/// A status and header fields, for HTTP clients whose own response does not conform to ``VendorResponse``.
public struct ResponseHead: VendorResponse, Sendable {
    public let statusCode: Int
    private let fields: [(String, String)]

    /// Makes a response from a status code and pairs of header name and value, in the order received.
    public init(status: Int, fields: some Sequence<(String, String)> = []) {
        (statusCode, self.fields) = (status, Array(fields))
    }

    public func forEachField(_ body: (_ name: String, _ value: String) -> Void) {
        for (name, value) in fields { body(name, value) }
    }
}

// What most vendors' headers are read with. Unusable values are `nil`, as missing ones are.
extension VendorResponse {
    /// A header's value without blanks around it, by the header's name in any case; `nil` if there is no such header,
    /// or it is blank. The first of several.
    public func value(_ name: String) -> String? {
        var found: String?
        forEachField { other, value in
            guard found == nil, Self.isSame(other, name) else { return }
            found = value.withBytes { String(decoding: $0.trimmed, as: UTF8.self) }
        }
        return found.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A header's value as a count of calls: plain decimal digits, 0 to 1,000,000,000.
    public func count(_ name: String) -> Int? {
        guard let number = value(name)?.withBytes({ try? $0.decimal().get() }) else { return nil }
        return (0...Int64(Limit.maximumCapacity)).contains(number) ? Int(number) : nil
    }

    /// The header `date` as a moment: the server's clock to the second.
    ///
    /// - Parameter now: decides the century of the obsolete form with a year of two digits.
    public func date(now: WallInstant) -> WallInstant? {
        value("date")?.withBytes { HTTPDate.parse($0, now: now.microseconds) }.map(WallInstant.init(microseconds:))
    }

    /// The header `retry-after` as a span from `now`: in seconds, or until a date. 0 to 86,400 s.
    public func retryAfter(now: WallInstant) -> Duration? {
        value("retry-after")?.withBytes { try? RetryAfter.delay($0, now: now.microseconds).get() }
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count
            && zip(left.utf8, right.utf8).allSatisfy { Bytes.lowercase($0) == Bytes.lowercase($1) }
    }
}
