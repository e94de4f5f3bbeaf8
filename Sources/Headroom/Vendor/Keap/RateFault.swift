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
