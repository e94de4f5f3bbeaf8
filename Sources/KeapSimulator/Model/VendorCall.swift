// SPDX-License-Identifier: Apache-2.0

/// One call on its way through the gateway: what it draws on, and the processors it came to.
struct VendorCall {
    let drawsOnProduct: Bool
    let tenant: String?
    /// The processor that counts it, where counters are distributed.
    let processor: Int
    /// The processor that judges its spike, where the rate is divided.
    let spikeProcessor: Int
}
