// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport
import HeadroomTesting

/// One instance and its group, at a ledger.
final class Account: Sendable {
    let ledger: any LedgerStore
    let group: BudgetGroup
    let id: InstanceID
    private let position = Mutex<(epoch: Int64, sequence: Int64)>((0, 0))

    init(_ ledger: any LedgerStore, group: String = "test", instance: String = "instance") throws {
        guard let group = BudgetGroup(group), let id = InstanceID(instance) else { throw Unexpected() }
        (self.ledger, self.group, self.id) = (ledger, group, id)
    }

    func join(_ settings: LedgerSettings = LedgerSettings(plan: .keapOAuth)) async throws {
        let sequence = position.withLock { position in
            position.sequence += 1
            return position.sequence
        }
        let request = JoinRequest(instance: id, settings: settings, proposedEpoch: 7, sequence: sequence)
        let reply = try await ledger.join(request, in: group)
        position.withLock { $0.epoch = reply.epoch }
    }

    @discardableResult
    func exchange(_ change: (inout ExchangeRequest) -> Void) async throws -> Exchange {
        let (epoch, sequence) = position.withLock { position in
            position.sequence += 1
            return position
        }
        var request = ExchangeRequest(instance: id, epoch: epoch, sequence: sequence)
        change(&request)
        guard case .done(let exchange) = try await ledger.exchange(request, in: group) else { throw Unexpected() }
        return exchange
    }
}
