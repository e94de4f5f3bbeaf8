// SPDX-License-Identifier: Apache-2.0

import Headroom

/// The bodies of answers.
enum AnswerBody {
    static func text(_ outcome: VendorAnswer.Outcome, _ style: AnswerStyle, _ spike: SpikeLimit?) -> String {
        switch outcome {
        case .accepted:
            "{}"
        case .rejected(by: let policy):
            style.gatewayFaults ? gatewayFault(policy, spike) : rest("429", "Quota Exceeded", "Request Throttled")
        case .failed(.internalError):
            rest("500", "Internal Server Error", "Internal Server Error")
        case .failed(.unavailable):
            rest("503", "Service Unavailable", "Service Unavailable")
        case .failed(.silent):
            ""
        }
    }

    /// The REST body: the same for the minute, the day and the spike.
    private static func rest(_ code: String, _ message: String, _ status: String) -> String {
        #"{"code":"\#(code)","message":"\#(message)","status":"\#(status)","details":null}"#
    }

    private static func gatewayFault(_ policy: VendorConfiguration.Policy, _ spike: SpikeLimit?) -> String {
        let (text, code) =
            policy == .spike
            ? ("Spike arrest violation. Allowed rate : \(spike?.rate ?? 0)ps", "SpikeArrestViolation")
            : ("Rate limit quota violation. Quota limit exceeded.", "QuotaViolation")
        return #"{"fault":{"faultstring":"\#(text)","detail":{"errorcode":"policies.ratelimit.\#(code)"}}}"#
    }
}
