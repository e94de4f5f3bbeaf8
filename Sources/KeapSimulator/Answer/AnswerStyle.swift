// SPDX-License-Identifier: Apache-2.0

/// The look of headers and bodies.
package struct AnswerStyle: Sendable, Hashable {
    /// Which names headers have. Default: ``HeaderFamily/keap``.
    package var headers = HeaderFamily.keap
    /// Whether every value on a 429 is blank. Default: no.
    package var blankOn429 = false
    /// Whether a 429 has the body of the raw gateway fault instead of the REST one. Default: no.
    package var gatewayFaults = false
    /// Whether `x-keap-product-spike-limit` has a value, such as `25ps`, or is blank as in 2026. Default: blank.
    package var reportsSpikeLimit = false

    /// Makes the default style.
    package init() {}

    /// Families of header names.
    package enum HeaderFamily: String, Sendable, Hashable, CaseIterable {
        /// `x-keap-product-…` and `x-keap-tenant-…`.
        case keap
        /// `X-Apigee-Product-…`, of before 2022-10-31.
        case apigee
        /// Both, the same values.
        case both
    }
}
