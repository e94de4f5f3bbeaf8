// SPDX-License-Identifier: Apache-2.0

/// The bytes of a header's name or value, for as long as the closure that received them runs.
typealias Bytes = UnsafeBufferPointer<UInt8>

extension String {
    /// Lends the text's bytes. Copies nothing where the text is a native string.
    func withBytes<Result>(_ body: (Bytes) -> Result) -> Result {
        var text = self
        return text.withUTF8(body)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The bytes without blanks and tabs at both ends.
    var trimmed: Bytes {
        var (start, end) = (0, count)
        while start < end, Self.isBlank(self[start]) { start += 1 }
        while start < end, Self.isBlank(self[end - 1]) { end -= 1 }
        return piece(start, end)
    }

    /// The bytes from one position to before another.
    func piece(_ start: Int, _ end: Int) -> Bytes { Bytes(rebasing: self[start..<end]) }

    /// Whether the bytes are this text, which is in lower case, when the case of letters is left aside.
    func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && starts(with: text) }

    /// Whether the bytes begin with this text, which is in lower case, when the case of letters is left aside.
    ///
    /// Compares from the text's end: names of one vendor begin alike and differ late.
    func starts(with text: StaticString) -> Bool {
        var index = text.utf8CodeUnitCount
        guard count >= index else { return false }
        let other = text.utf8Start
        while index > 0 {
            index -= 1
            guard Self.lowercase(self[index]) == other[index] else { return false }
        }
        return true
    }

    /// A number of decimal digits and nothing else; `outOfRange` where it does not fit into 64 bits.
    func decimal() -> Result<Int64, IgnoredHeader.Reason> {
        guard !isEmpty else { return .failure(.notANumber) }
        var (value, overflows) = (Int64(0), false)
        for byte in self {
            guard Self.isDigit(byte) else { return .failure(.notANumber) }
            guard !overflows else { continue }
            let (shifted, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) = shifted.addingReportingOverflow(Int64(byte &- UInt8(ascii: "0")))
            (value, overflows) = (sum, first || second)
        }
        return overflows ? .failure(.outOfRange) : .success(value)
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    static func lowercase(_ byte: UInt8) -> UInt8 { byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte }
}

// A reason travels as the failure of a `Result`; it is not thrown.
extension IgnoredHeader.Reason: Error {}
