// SPDX-License-Identifier: Apache-2.0

package import Headroom
import HeadroomSupport

/// The vendor as a pure value: it takes each call with its moment, and returns the answer.
///
/// It reads no clock and draws chance from its configuration's seed, so the same calls get the same answers.
/// Moments are microseconds since 1970; one that is before another given earlier is taken for that one.
///
/// <!-- snippet: not compiled -->
/// ```swift
/// var vendor = VendorModel(.keapOAuth, start: 1_795_305_600_000_000)
/// let answer = vendor.receive(at: 1_795_305_600_000_000)
/// // answer.status == 200, answer.header("x-keap-product-throttle-used") == "1"
/// ```
package struct VendorModel: Sendable {
    /// What the vendor allows and reports.
    package private(set) var configuration: VendorConfiguration

    private var books: VendorBooks
    private var recorder = Recorder()
    private var generator: SplitMix
    private var streams: [StrangerStream]
    /// By the vendor's clock, as are all moments inside.
    private var now: Microseconds
    private let start: Microseconds
    private let offset: Microseconds
    private var meetings = Int64(0)

    /// Makes a vendor whose time begins at a moment.
    package init(_ configuration: VendorConfiguration, start: Microseconds) {
        self.configuration = configuration
        offset = configuration.clockOffset.microseconds
        self.start = start + offset
        now = self.start
        var generator = SplitMix(seed: configuration.seed)
        streams = configuration.strangers.map { [start = self.start] strangers in
            StrangerStream(strangers, start: start, using: &generator)
        }
        self.generator = generator
        books = VendorBooks(configuration, start: self.start)
    }

    /// Takes a call and answers it.
    ///
    /// - Parameters:
    ///   - tenant: The tenant that the call is for, if any.
    ///   - caller: Who called, for the report.
    ///   - time: The moment at which the vendor counts the call.
    package mutating func receive(tenant: String? = nil, caller: String? = nil, at time: Microseconds) -> VendorAnswer {
        advance(to: time)
        let call = route(drawsOnProduct: true, tenant: tenant)
        recorder.willCount(at: now - offset, books)
        let rejecting = books.judge(call, at: now)
        let outcome: VendorAnswer.Outcome
        if let rejecting {
            outcome = .rejected(by: rejecting)
        } else if let fault = configuration.faults.fault(at: generator.fraction()) {
            outcome = .failed(fault)
        } else {
            outcome = .accepted
        }
        recorder.record(outcome, caller: caller, at: now - offset)
        return render(outcome, call)
    }

    /// Everything counted since the start, or since the last reset.
    package mutating func report(at time: Microseconds) -> SimulatorReport {
        advance(to: time)
        books.advance(to: now)
        return recorder.report(at: now - offset, books)
    }

    /// Forgets what the report says. Windows go on as they are, so limits are enforced as before.
    package mutating func resetReport(at time: Microseconds) {
        advance(to: time)
        recorder = Recorder()
        books.resetPeaks()
    }

    /// Fails by another chance from now on.
    package mutating func setFaults(_ faults: Faults) { configuration.faults = faults }

    /// Lets time pass: strangers call, and processors meet.
    private mutating func advance(to time: Microseconds) {
        let target = max(now, time + offset)
        while let index = streams.indices.min(by: { streams[$0].next < streams[$1].next }),
            streams[index].next <= target
        {
            meet(before: streams[index].next)
            takeStranger(from: index)
        }
        meet(before: target)
        now = target
    }

    private mutating func takeStranger(from index: Int) {
        let time = streams[index].next
        let call =
            switch streams[index].target {
            case .product: route(drawsOnProduct: true, tenant: nil)
            case .tenant(let tenant): route(drawsOnProduct: false, tenant: tenant)
            case .productAndTenant(let tenant): route(drawsOnProduct: true, tenant: tenant)
            }
        let rejecting = books.judge(call, at: time)
        recorder.recordStranger(isRejected: rejecting != nil, at: time - offset)
        streams[index].advance(using: &generator)
    }

    private mutating func meet(before time: Microseconds) {
        guard let span = configuration.view.span?.microseconds else { return }
        let due = (time - start) / max(1, span)
        guard due > meetings else { return }
        meetings = due
        books.meet()
    }

    private mutating func route(drawsOnProduct: Bool, tenant: String?) -> VendorCall {
        VendorCall(
            drawsOnProduct: drawsOnProduct, tenant: tenant,
            processor: generator.index(below: configuration.view.processors),
            spikeProcessor: generator.index(below: books.spike?.processorCount ?? 1))
    }

    private func render(_ outcome: VendorAnswer.Outcome, _ call: VendorCall) -> VendorAnswer {
        let windows = call.tenant.flatMap { books.tenants[$0] }?.readings(on: call.processor, at: now) ?? []
        return AnswerRenderer(
            style: configuration.answers, outcome: outcome, now: now, spike: configuration.spike,
            throttle: books.product.throttle?.reading(on: call.processor, at: now),
            quota: books.product.quota?.reading(on: call.processor, at: now),
            tenant: call.tenant.map { (name: $0, windows: windows) }
        ).answer()
    }
}

extension SplitMix {
    /// A number from 0 up to, not including, 1.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// An index below a bound of at least 1.
    mutating func index(below bound: Int) -> Int { bound <= 1 ? 0 : Int(next() % UInt64(bound)) }
}
