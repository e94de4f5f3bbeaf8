// SPDX-License-Identifier: Apache-2.0

// The request side of Redis' protocol: `*<count>\r\n`, then `$<length>\r\n<bytes>\r\n` for each argument.
extension [UInt8] {
    mutating func appendLineEnd() {
        append(0x0D)
        append(0x0A)
    }

    /// Appends a number in decimal digits, without a string in between.
    mutating func appendDecimal(_ number: Int64) {
        var rest = number.magnitude
        if number < 0 { append(UInt8(ascii: "-")) }
        guard rest >= 10 else { return append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest)) }
        let start = count
        while rest > 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit))
            rest = quotient
        }
        self[start...].reverse()
    }

    mutating func appendArrayHeader(_ count: Int) {
        append(UInt8(ascii: "*"))
        appendDecimal(Int64(count))
        appendLineEnd()
    }

    mutating func appendBulk(_ bytes: some Collection<UInt8>) {
        append(UInt8(ascii: "$"))
        appendDecimal(Int64(bytes.count))
        appendLineEnd()
        append(contentsOf: bytes)
        appendLineEnd()
    }

    mutating func appendBulk(_ number: Int64) {
        append(UInt8(ascii: "$"))
        appendDecimal(Int64(Self.decimalLength(number)))
        appendLineEnd()
        appendDecimal(number)
        appendLineEnd()
    }

    private static func decimalLength(_ number: Int64) -> Int {
        var (length, rest) = (number < 0 ? 2 : 1, number.magnitude)
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        return length
    }
}
