// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport

/// A ledger that passes everything on to a real one, loses requests or replies on command, and records the requests.
final class FlakyLedger: LedgerStore {
    enum Fault: Sendable {
        /// The operation is not carried out.
        case before
        /// The operation is carried out, its reply is lost.
        case after
        /// The request is answered as invalid.
        case invalid
    }

    enum Operation: Sendable { case join, exchange }

    private struct State {
        var ledger: any LedgerStore
        var faults: [Fault] = []
        var isCut = false
        var isForgetful = false
        var stalls: Set<Operation> = []
        /// Set once `stalls` changes.
        var change = Flag()
        var exchanges: [ExchangeRequest] = []
        var joins: [JoinRequest] = []
    }

    private let state: Mutex<State>

    init(_ ledger: any LedgerStore) { state = Mutex(State(ledger: ledger)) }

    private var ledger: any LedgerStore { state.withLock { $0.ledger } }

    var exchanges: [ExchangeRequest] { state.withLock { $0.exchanges } }
    var joins: [JoinRequest] { state.withLock { $0.joins } }

    /// Lets the next operations fail, in order.
    func fail(_ faults: [Fault]) { state.withLock { $0.faults = faults } }
    /// Passes everything on to another ledger from now on.
    func lead(to ledger: any LedgerStore) { state.withLock { $0.ledger = ledger } }
    /// Cuts the ledger off, or puts it back.
    func cut(_ isCut: Bool) { state.withLock { $0.isCut = isCut } }
    /// Carries out these operations but keeps their replies back, until this is called again or the caller's task is
    /// cancelled.
    func stall(_ operations: Set<Operation>) {
        state.withLock { state in
            state.stalls = operations
            defer { state.change = Flag() }
            return state.change
        }.set()
    }
    /// Answers every exchange as a ledger that does not know the instance.
    func forget(_ isForgetful: Bool) { state.withLock { $0.isForgetful = isForgetful } }

    func join(_ request: JoinRequest, in group: BudgetGroup) async throws(LedgerError) -> JoinReply {
        try await run(.join, { $0.joins.append(request) }) { ledger async throws(LedgerError) in
            try await ledger.join(request, in: group)
        }
    }

    func exchange(_ request: ExchangeRequest, in group: BudgetGroup) async throws(LedgerError) -> ExchangeReply {
        let isForgotten = state.withLock { $0.isForgetful }
        if isForgotten { await Task.yield() }
        return try await run(.exchange, { $0.exchanges.append(request) }) { ledger async throws(LedgerError) in
            isForgotten ? .unknownInstance : try await ledger.exchange(request, in: group)
        }
    }

    func status(tenants: [Tenant], in group: BudgetGroup) async throws(LedgerError) -> LedgerStatus? {
        try await ledger.status(tenants: tenants, in: group)
    }

    func hold(for span: Duration?, in group: BudgetGroup) async throws(LedgerError) {
        try await ledger.hold(for: span, in: group)
    }

    private func run<Reply>(
        _ kind: Operation, _ note: (inout State) -> Void,
        _ operation: (any LedgerStore) async throws(LedgerError) -> Reply
    ) async throws(LedgerError) -> Reply {
        let fault: Fault? = state.withLock { state in
            note(&state)
            if state.isCut { return .before }
            return state.faults.isEmpty ? nil : state.faults.removeFirst()
        }
        switch fault {
        case .before: throw LedgerError(.unavailable, "cut off by the test")
        case .invalid: throw LedgerError(.invalidRequest, "found invalid by the test")
        case .after:
            _ = try await operation(ledger)
            throw LedgerError(.lost, "reply lost by the test")
        case nil:
            let reply = try await operation(ledger)
            try await stall(kind)
            return reply
        }
    }

    private func stall(_ kind: Operation) async throws(LedgerError) {
        while let change = state.withLock({ $0.stalls.contains(kind) ? $0.change : nil }) {
            await withTaskCancellationHandler {
                await change.wait()
            } onCancel: {
                state.withLock { if $0.change === change { $0.change = Flag() } }
                change.set()
            }
            if Task.isCancelled { throw LedgerError(.lost, "cancelled while the test kept the reply back") }
        }
    }
}
