// SPDX-License-Identifier: Apache-2.0

@testable import RedisClient

/// Any bytes as an address: read or an error; what is read reads the same from its own description.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: size), as: UTF8.self)
    guard let address = try? RedisAddress(text) else { return 0 }
    // A password is shown as ***, which reads as another.
    let again = try? RedisAddress(address.description)
    precondition(again?.description == address.description, "\(address) does not read as itself")
    return 0
}
