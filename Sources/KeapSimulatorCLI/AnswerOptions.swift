// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import KeapSimulator

/// The answers: their look, and how they fail.
struct AnswerOptions: ParsableArguments {
    @Option(help: "The names of headers: keap (x-keap-…), apigee (X-Apigee-…), or both.")
    var headers = AnswerStyle.HeaderFamily.keap

    @Flag(name: .customLong("blank-on-429"), help: "Leave every value of a 429's headers blank.")
    var blankOn429 = false

    @Flag(help: "Answer 429s with the body of the raw gateway fault.")
    var gatewayFaults = false

    @Flag(help: "Report the spike's limit, such as 25ps, instead of a blank.")
    var reportSpikeLimit = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How far the vendor's clock is ahead; negative: behind.", valueName: "seconds"))
    var clockOffset = 0.0

    @Option(help: ArgumentHelp("The share of calls answered with 500.", valueName: "share"))
    var internalErrors = "0%"

    @Option(help: ArgumentHelp("The share of calls answered with 503.", valueName: "share"))
    var unavailable = "0%"

    @Option(help: ArgumentHelp("The share of calls that are never answered.", valueName: "share"))
    var silent = "0%"

    @Option(help: ArgumentHelp("How long such a call waits before its connection is closed.", valueName: "duration"))
    var silence = "60s"

    func apply(to configuration: inout SimulatorConfiguration) throws(SimulatorError) {
        var style = AnswerStyle()
        (style.headers, style.blankOn429) = (headers, blankOn429)
        (style.gatewayFaults, style.reportsSpikeLimit) = (gatewayFaults, reportSpikeLimit)
        configuration.vendor.answers = style
        configuration.vendor.faults = try option("--internal-errors, --unavailable, --silent") {
            () throws(SimulatorError) in
            try Faults(internalErrors: internalErrors, unavailable: unavailable, silent: silent)
        }
        guard abs(clockOffset) <= 86_400 * 365 else {
            throw SimulatorError("clock offset \(clockOffset) s is more than a year")
        }
        configuration.vendor.clockOffset = .seconds(clockOffset)
        configuration.silence = try option("--silence") { () throws(SimulatorError) in
            try Latency.duration(silence)
        }
    }
}

extension AnswerStyle.HeaderFamily: ExpressibleByArgument {}
