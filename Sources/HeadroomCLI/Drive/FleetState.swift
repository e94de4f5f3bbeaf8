// SPDX-License-Identifier: Apache-2.0

/// All processes of a drive, as far as they are known: a value that takes in what happens and says how things stand.
package struct FleetState: Sendable {
    /// One process.
    package struct Member: Sendable {
        package var processID: Int32
        package var report = ProcessReport()
        package var isReady = false
        /// Whether it has reported its last figures.
        package var isDone = false
        /// How it ended. `nil` while it runs.
        package var exit: ChildExit?
    }

    package private(set) var members: [Member]

    /// - Parameter processIDs: of the processes, in the order of their numbers.
    package init(processIDs: [Int32]) { members = processIDs.map { Member(processID: $0) } }

    /// Takes in what a process reported.
    package mutating func take(_ message: ChildMessage, from index: Int) {
        switch message {
        case .ready: members[index].isReady = true
        case .report(let report): members[index].report = report
        case .done(let report): (members[index].report, members[index].isDone) = (report, true)
        case .log: break
        }
    }

    /// Takes in that a process has ended.
    package mutating func end(_ exit: ChildExit, of index: Int) { members[index].exit = exit }

    /// Whether every process waits for the start, or has ended.
    package var isReady: Bool { members.allSatisfy { $0.isReady || $0.exit != nil } }

    package var isOver: Bool { members.allSatisfy { $0.exit != nil } }

    /// Whether every process has reported its last figures, or has ended.
    package var isDone: Bool { members.allSatisfy { $0.isDone || $0.exit != nil } }

    /// The calls of all processes.
    package var tally: CallTally {
        var sum = CallTally()
        for member in members { sum += member.report.tally }
        return sum
    }

    /// From the start to the end of the last calls. All processes start at the same moment.
    package var seconds: Double { members.map(\.report.seconds).max() ?? 0 }

    package var roundTrips: Int64 { members.reduce(0) { $0 + $1.report.roundTrips } }

    package var acquire: LatencyHistogram {
        var sum = LatencyHistogram()
        for member in members { sum.merge(member.report.acquire) }
        return sum
    }

    /// The limits as the processes know them: of each, the highest use that any of them knows.
    ///
    /// Processes that were killed know nothing of what came after.
    package var limits: [LimitUse] {
        let current = members.filter { $0.exit == nil || $0.isDone }
        var byTitle: [String: LimitUse] = [:]
        var titles: [String] = []
        for limit in (current.isEmpty ? members : current).flatMap(\.report.limits) {
            guard let known = byTitle[limit.title] else {
                titles.append(limit.title)
                byTitle[limit.title] = limit
                continue
            }
            if limit.share > known.share { byTitle[limit.title] = limit }
        }
        return titles.compactMap { byTitle[$0] }
    }

    package var firstExhausted: String? { members.lazy.compactMap(\.report.firstExhausted).first }
    package var firstFailure: String? { members.lazy.compactMap(\.report.firstFailure).first }

    /// Why no process reached the vendor or the ledger. `nil` if one did.
    package var unreachable: String? {
        members.allSatisfy { $0.report.unreachable != nil } ? members.first?.report.unreachable : nil
    }
}
