// SPDX-License-Identifier: Apache-2.0

/// What the next exchange will report: how permits ended, what headers said of limits, which calls were rejected.
struct Outbox: Sendable {
    struct Counts: Sendable {
        var spent = 0
        var accepted = 0
        var unused = 0

        var isEmpty: Bool { spent == 0 && unused == 0 }
    }

    private var counts = TenantTable(Counts())
    private var observations: [LimitReference: (observation: Observation, at: Microseconds)] = [:]
    private var rejections: [LimitReference: (rejection: RejectionReport, at: Microseconds)] = [:]
    /// The time since which there is content. `nil` if the outbox is empty.
    private(set) var since: Microseconds?
    /// Whether the content should be reported at once.
    private(set) var isUrgent = false

    var isEmpty: Bool { since == nil }

    mutating func spend(_ tenant: Tenant?, _ count: Int = 1, accepted: Int = 0, at now: Microseconds) {
        guard count > 0 else { return }
        counts[tenant].spent += count
        counts[tenant].accepted += accepted
        noteContent(at: now)
    }

    mutating func giveBack(_ tenant: Tenant?, _ count: Int = 1, at now: Microseconds) {
        guard count > 0 else { return }
        counts[tenant].unused += count
        noteContent(at: now)
    }

    /// Keeps the newest observation of each limit, and the time from which its age counts.
    mutating func observe(_ observation: Observation, at now: Microseconds) {
        guard observations.count < ExchangeRequest.maximumEntries || observations[observation.limit] != nil else {
            return
        }
        observations[observation.limit] = (observation, now - observation.age)
        noteContent(at: now)
    }

    /// Keeps the rejections of each limit as one: their number, the newest mark, the longest wait.
    mutating func noteRejection(_ rejection: RejectionReport, at now: Microseconds) {
        guard rejections.count < ExchangeRequest.maximumEntries || rejections[rejection.limit] != nil else { return }
        var merged = rejection
        if let (older, at) = rejections[rejection.limit] {
            merged.count += older.count
            merged.mark = rejection.mark ?? older.mark
            merged.retryAfter = max(rejection.retryAfter, older.retryAfter - (now - at))
        }
        rejections[rejection.limit] = (merged, now)
        isUrgent = true
        noteContent(at: now)
    }

    private mutating func noteContent(at now: Microseconds) {
        if since == nil { since = now }
        if counts.named.count >= ExchangeRequest.maximumEntries / 2 { isUrgent = true }
    }

    /// How permits ended, by tenant.
    var settlements: [Settlement] {
        counts.all.filter { !$0.value.isEmpty }.map { tenant, count in
            Settlement(tenant: tenant, spent: count.spent, accepted: count.accepted, unused: count.unused)
        }
    }

    /// Moves the content into a request. Settlements beyond what one request holds stay.
    mutating func move(to request: inout ExchangeRequest, at now: Microseconds) {
        let all = settlements
        request.settlements = Array(all.prefix(ExchangeRequest.maximumEntries))
        request.observations = observations.values.map { observation, at in
            var observation = observation
            observation.age = max(0, now - at)
            return observation
        }
        request.rejections = rejections.values.map { rejection, at in
            var rejection = rejection
            rejection.retryAfter = max(0, rejection.retryAfter - (now - at))
            return rejection
        }
        self = Outbox()
        for rest in all.dropFirst(ExchangeRequest.maximumEntries) { add(rest, at: now) }
    }

    /// Takes back what responses said from a request that was not carried out. Newer observations stay.
    mutating func putBackReadings(of request: ExchangeRequest, at now: Microseconds) {
        for observation in request.observations where observations[observation.limit] == nil {
            observe(observation, at: now)
        }
        for rejection in request.rejections { noteRejection(rejection, at: now) }
    }

    /// Takes out the settlements.
    mutating func removeSettlements() -> [Settlement] {
        let all = settlements
        counts = TenantTable(Counts())
        noteRemoval()
        return all
    }

    /// Drops observations and rejections.
    mutating func removeReadings() {
        (observations, rejections) = ([:], [:])
        noteRemoval()
    }

    private mutating func noteRemoval() {
        if settlements.isEmpty && observations.isEmpty && rejections.isEmpty { since = nil }
        isUrgent = !rejections.isEmpty
    }

    private mutating func add(_ settlement: Settlement, at now: Microseconds) {
        spend(settlement.tenant, settlement.spent, accepted: settlement.accepted, at: now)
        giveBack(settlement.tenant, settlement.unused, at: now)
    }
}
