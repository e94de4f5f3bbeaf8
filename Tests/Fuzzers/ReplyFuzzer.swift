// SPDX-License-Identifier: Apache-2.0

import Headroom

@testable import HeadroomRedis
@testable import RedisClient

/// Any bytes as a script's reply: decoded within its bounds, or an error as malformed.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    var bytes = UnsafeBufferPointer(start: data, count: size)[...]
    guard let kind = bytes.popFirst() else { return 0 }
    let value = value(&bytes, depth: 0)
    do throws(LedgerError) {
        switch kind % 3 {
        case 0: _ = try JoinReply(decoding: value)
        case 1:
            guard case .array(let fields) = value, fields.count >= StoredAccount.groupFields.count else { return 0 }
            let bytes = fields.map { if case .bulk(let bytes) = $0 { bytes } else { nil as [UInt8]? } }
            var account = try StoredAccount(bytes, key: "key")?.account
            _ = account?.status(tenants: [], at: 1_800_000_000_000_000)
        default:
            guard case .done(let exchange) = try ExchangeReply(decoding: value, wants: [Want(count: 8)]) else {
                return 0
            }
            // What the coordinator computes with.
            for gauge in exchange.gauges { _ = (gauge.used, abs(gauge.drift), Int(Double(gauge.used) * 100)) }
        }
    } catch {
        precondition(
            [.malformedReply, .unreadable, .unknownVersion].contains(error.code) && error.description.utf8.count < 400,
            "\(error)")
    }
    return 0
}

/// A value out of bytes: one for its kind, then what it is made of.
private func value(_ bytes: inout Slice<UnsafeBufferPointer<UInt8>>, depth: Int) -> RedisValue {
    guard let kind = bytes.popFirst() else { return .null }
    switch kind % 8 {
    case 0: return .null
    case 1, 2: return .integer(Int64(bytes.popFirst() ?? 0))
    case 3:
        let number = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        bytes = bytes.dropFirst(8)
        return .integer(Int64(bitPattern: number))
    case 4:
        let text = Array(bytes.prefix(Int(kind) / 8))
        bytes = bytes.dropFirst(text.count)
        return .bulk(text)
    case 5: return .status("OK")
    default:
        guard depth < 8 else { return .null }
        return .array((0..<(Int(kind) / 8)).map { _ in value(&bytes, depth: depth + 1) })
    }
}
