// SPDX-License-Identifier: Apache-2.0

import Headroom

/// Any bytes as a response: the first is the status, lines `name: value` follow, and a body after an empty line.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: size)
    guard let first = bytes.first else { return 0 }
    let parts = Array(bytes.dropFirst()).split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    let fields = parts[0].split(separator: 10).map { line -> (String, String) in
        let halves = line.split(separator: 58, maxSplits: 1, omittingEmptySubsequences: false)
        return (
            String(decoding: halves[0], as: UTF8.self),
            String(decoding: halves.count > 1 ? halves[1] : [], as: UTF8.self)
        )
    }
    let reading = Keap().read(
        ResponseHead(status: first < 128 ? 429 : 200, fields: fields), body: parts.count > 1 ? Array(parts[1]) : [],
        now: WallInstant(since1970: .seconds(1_795_348_800)))
    for limit in reading.readings {
        for count in [limit.limit, limit.used, limit.available].compactMap({ $0 }) {
            precondition((0...Limit.maximumCapacity).contains(count), "\(count) is out of range")
        }
    }
    _ = Keap().rejection(in: reading, tenant: nil, remaining: [:])
    return 0
}
