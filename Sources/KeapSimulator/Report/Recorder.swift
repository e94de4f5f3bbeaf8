// SPDX-License-Identifier: Apache-2.0

import Headroom

/// The collected figures of the report. Its moments are by the given clock.
struct Recorder: Sendable {
    static let maximumCallers = 256
    static let maximumTenants = 64

    private var draft = SimulatorReport()
    private var series = SampleSeries()
    private var first: Microseconds?
    private var last: Microseconds?
    /// What the books had counted when the first call came.
    private var before = Totals()

    private struct Totals: Sendable {
        var spike = 0
        var throttle = 0
        var quota = 0
    }

    /// Notes where the books stand when the first call comes.
    mutating func willCount(at time: Microseconds, _ books: VendorBooks) {
        last = time
        guard first == nil else { return }
        first = time
        before.spike = books.spike?.total ?? 0
        before.throttle = books.product.throttle?.total ?? 0
        before.quota = books.product.quota?.total ?? 0
    }

    /// Counts a call.
    mutating func record(_ outcome: VendorAnswer.Outcome, caller: String?, at time: Microseconds) {
        draft.total += 1
        var isRejected = false
        switch outcome {
        case .accepted: draft.accepted += 1
        case .failed(let fault):
            draft.failed += 1
            if fault == .silent { draft.unanswered += 1 }
        case .rejected(by: let policy):
            draft.rejected.count(policy)
            isRejected = true
        }
        series.update(at: time) { isRejected ? ($0.rejected += 1) : ($0.accepted += 1) }
        if let caller { count(caller, isRejected: isRejected) }
    }

    /// Counts a stranger's call.
    mutating func recordStranger(isRejected: Bool, at time: Microseconds) {
        draft.strangers.count(isRejected: isRejected)
        series.update(at: time) { isRejected ? ($0.strangersRejected += 1) : ($0.strangers += 1) }
    }

    /// The report at a moment.
    func report(at time: Microseconds, _ books: VendorBooks) -> SimulatorReport {
        var report = draft
        report.time = seconds(time)
        report.firstCall = first.map(seconds)
        report.lastCall = last.map(seconds)
        report.series = series.samples(at: time)
        report.limits = productUse(books)
        for (name, book) in books.tenants.sorted(by: { $0.key < $1.key }).prefix(Self.maximumTenants) {
            report.tenants[name] = use(of: book)
        }
        return report
    }

    private mutating func count(_ caller: String, isRejected: Bool) {
        let isKnown = draft.callers[caller] != nil
        let name = isKnown || draft.callers.count < Self.maximumCallers ? caller : "other"
        draft.callers[name, default: .init()].count(isRejected: isRejected)
    }

    private func productUse(_ books: VendorBooks) -> [String: SimulatorReport.LimitUse] {
        var uses: [String: SimulatorReport.LimitUse] = [:]
        if let gate = books.spike {
            let shares = shares(gate.total - before.spike, of: gate.limit.rate, per: gate.limit.window)
            uses["spike"] = .init(
                capacity: gate.limit.rate, window: seconds(gate.limit.window.microseconds),
                used: gate.used, peak: gate.peak, peakCounted: gate.peak,
                share: shares.all, shareOfCallers: shares.callers)
        }
        uses["throttle"] = books.product.throttle.map { use(of: $0, before: before.throttle) }
        uses["quota"] = books.product.quota.map { use(of: $0, before: before.quota) }
        return uses
    }

    private func use(of budget: BudgetBook) -> [String: SimulatorReport.LimitUse] {
        var uses: [String: SimulatorReport.LimitUse] = [:]
        uses["throttle"] = budget.throttle.map { use(of: $0, before: 0, isTenant: true) }
        uses["quota"] = budget.quota.map { use(of: $0, before: 0, isTenant: true) }
        return uses
    }

    private func use(of book: WindowBook, before: Int, isTenant: Bool = false) -> SimulatorReport.LimitUse {
        let shares = shares(book.total - before, of: book.limit.capacity, per: book.limit.window)
        return .init(
            capacity: book.limit.capacity, window: seconds(book.limit.window.microseconds), used: book.used,
            peak: book.peak, peakCounted: book.peakCounted, share: shares.all,
            shareOfCallers: isTenant ? shares.all : shares.callers)
    }

    private func shares(_ total: Int, of capacity: Int, per window: Duration) -> (all: Double, callers: Double) {
        guard let first, let last else { return (0, 0) }
        let windows = max(1, Double(last - first) / Double(window.microseconds))
        let allowance = Double(capacity) * windows
        return (Double(total) / allowance, Double(draft.accepted + draft.failed) / allowance)
    }

    private func seconds(_ time: Microseconds) -> Double { Double(time) / 1_000_000 }
}

extension SimulatorReport.Outcomes {
    fileprivate mutating func count(isRejected: Bool) {
        if isRejected { rejected += 1 } else { accepted += 1 }
    }
}

extension SimulatorReport.Rejected {
    fileprivate mutating func count(_ policy: VendorConfiguration.Policy) {
        switch policy {
        case .spike: spike += 1
        case .throttle: throttle += 1
        case .quota: quota += 1
        case .tenantThrottle: tenantThrottle += 1
        case .tenantQuota: tenantQuota += 1
        }
    }
}
