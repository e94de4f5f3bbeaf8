// SPDX-License-Identifier: Apache-2.0

/// The two faults by which the gateway's rate policies reject a call.
enum RateFault {
    case spikeArrest
    case quota

    /// Recognises a fault by the last component of its code; nil for any other code.
    init?(code: String?) {
        guard let code else { return nil }
        let component = code.utf8.reversed().prefix { $0 != UInt8(ascii: ".") }.reversed()
        if component.elementsEqual("SpikeArrestViolation".utf8) {
            self = .spikeArrest
        } else if component.elementsEqual("QuotaViolation".utf8) {
            self = .quota
        } else {
            return nil
        }
    }
}

/// Finds `fault.detail.errorcode` in the JSON body of a rejection, without reading more of it than that takes.
///
/// The body may be anything and may be cut off: what does not lead to the code ends the search.
struct FaultBody {
    /// How much of a body is looked at.
    static let maximumLength = 4_096
    private static let maximumCodeLength = 128
    private static let path = ["fault", "detail", "errorcode"]

    private let bytes: [UInt8]
    private var index = 0

    /// Takes the beginning of a body.
    init(_ body: some Sequence<UInt8>) { bytes = Array(body.prefix(Self.maximumLength)) }

    /// The code; nil where there is none, or one that is not 1 to 128 plain characters.
    static func code(in body: some Sequence<UInt8>) -> String? {
        var search = FaultBody(body)
        return search.find()
    }

    private mutating func find() -> String? {
        for key in Self.path { guard enter(key) else { return nil } }
        guard let text = string(), (1...Self.maximumCodeLength).contains(text.count),
            text.allSatisfy({ isPlainASCII($0) && $0 != UInt8(ascii: "\\") })
        else { return nil }
        return String(decoding: text, as: UTF8.self)
    }

    /// Goes to the value of a key of the object that begins here.
    private mutating func enter(_ key: String) -> Bool {
        guard take("{") else { return false }
        while let name = string(), take(":") {
            if name.elementsEqual(key.utf8) { return true }
            skipValue()
            guard take(",") else { return false }
        }
        return false
    }

    /// The raw bytes of the string that begins here, escapes left as they are.
    private mutating func string() -> ArraySlice<UInt8>? {
        guard take("\"") else { return nil }
        let start = index
        while index < bytes.count {
            defer { index += 1 }
            if bytes[index] == UInt8(ascii: "\"") { return bytes[start..<index] }
            if bytes[index] == UInt8(ascii: "\\") { index += 1 }
        }
        return nil
    }

    /// Goes past the value that begins here: up to the comma or the closing brace that follows it.
    private mutating func skipValue() {
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                _ = string()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { return }
                depth -= 1
            case UInt8(ascii: ","):
                guard depth > 0 else { return }
            default: break
            }
            index += 1
        }
    }

    /// Takes a character, after any white space.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }
}
