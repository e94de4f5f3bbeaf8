// SPDX-License-Identifier: Apache-2.0

/// Reads the bytes of an answer, just well enough for tests.
enum RawAnswer {
    /// Where the answer that begins at a position ends; nil where it is not whole.
    static func end(_ bytes: [UInt8], from start: Int = 0) -> Int? {
        guard let lineEnd = bytes[start...].firstIndex(of: 0x0A) else { return nil }
        let line = String(decoding: bytes[(start + 1)..<lineEnd], as: UTF8.self).filter { $0 != "\r" && $0 != "\r\n" }
        switch bytes[start] {
        case UInt8(ascii: "$"):
            let length = Int(line) ?? -1
            let end = length < 0 ? lineEnd + 1 : lineEnd + 1 + length + 2
            return bytes.count >= end ? end : nil
        case UInt8(ascii: "*"):
            var position = lineEnd + 1
            for _ in 0..<max(0, Int(line) ?? 0) {
                guard position < bytes.count, let end = end(bytes, from: position) else { return nil }
                position = end
            }
            return position
        default: return lineEnd + 1
        }
    }

    /// The texts and numbers of an answer, one after the other, whatever arrays they are in.
    static func words(_ answer: String) -> [String] {
        answer.split(separator: "\r\n", omittingEmptySubsequences: true).map(String.init).compactMap { line in
            switch line.first {
            case "$", "*": nil
            case ":", "+", "-": String(line.dropFirst())
            default: line
            }
        }
    }
}
