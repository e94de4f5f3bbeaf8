// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Headroom
import KeapSimulator

/// The workers of a soak, and what has to be known of each for the account.
struct SoakFleet {
    private struct Member {
        let name: String
        /// What the vendor had counted under this name when it was started.
        let before: Int
        let process: WorkerProcess
        /// Its id in the ledger.
        let instance: String
        /// The permits that it had when it was last broken.
        var permits = 0
        /// How often it has to join anew because of that.
        var rejoins = 0
    }

    private let scene: SoakScene
    private var members: [Member] = []
    /// Those that have ended, as the account has to know them.
    private(set) var gone: [SoakAccount.Worker] = []
    private(set) var unanswered = 0
    private(set) var mishaps: [String] = []

    init(_ scene: SoakScene) { self.scene = scene }

    var processes: [pid_t] { members.map(\.process.processID) }

    /// Starts all workers.
    mutating func start() async throws {
        for place in 0..<scene.options.workers { members.append(try await member(at: place)) }
    }

    /// Which worker a number means, and which of those that may be killed: the first lives through all.
    func place(_ choice: UInt64) -> Int { Int(choice % UInt64(members.count)) }
    func mortal(_ choice: UInt64) -> Int { members.count == 1 ? 0 : 1 + Int(choice % UInt64(members.count - 1)) }

    func send(_ signal: Int32, to place: Int) { members[place].process.send(signal) }

    /// Kills a worker and puts another one in its place.
    mutating func replace(_ place: Int) async throws {
        members[place].process.send(SIGKILL)
        try await notePermits([place])
        members[place].rejoins = 0
        _ = await end(members[place])
        members[place] = try await member(at: place)
    }

    /// Notes the permits of workers that cannot reach Redis any more: each may come to count twice, or without having
    /// been used.
    mutating func notePermits(_ places: [Int]) async throws {
        // What was on its way to Redis has arrived by then.
        try await Task.sleep(for: .milliseconds(200))
        let instances = try await scene.status().instances
        for place in places {
            members[place].permits += Int(instances.first { $0.id == members[place].instance }?.permits ?? 0)
            members[place].rejoins += 1
        }
    }

    /// Notes that Redis has lost its memory: nobody is left to report the calls of those that are gone.
    mutating func forget() {
        for index in gone.indices { gone[index].isForgotten = true }
    }

    /// Places of the workers behind one of the routes.
    func places(behind route: Int) -> [Int] { members.indices.filter { $0 % 2 == route } }

    /// Lets all come to their end.
    mutating func finish() async {
        for member in members { member.process.go() }
        for member in members {
            guard let tally = await end(member) else {
                mishaps.append("\(member.name) ended without a word")
                continue
            }
            unanswered += tally.unanswered
        }
        members = []
    }

    /// Ends all at once.
    mutating func kill() {
        for member in members {
            member.process.send(SIGKILL)
            member.process.stop()
        }
        members = []
    }

    mutating func note(_ mishap: String) { mishaps.append(mishap) }

    /// Starts a worker. It has the name of those that were at its place before.
    private func member(at place: Int) async throws -> Member {
        let name = "worker-\(place + 1)"
        let process = try WorkerProcess("soak", "worker", scene.order(name, at: place))
        guard let instance = await process.line() else {
            process.stop()
            throw SoakFailure("\(name) ended early")
        }
        return Member(
            name: name, before: counted(name), process: process, instance: instance.trimmingCharacters(in: .newlines))
    }

    private func counted(_ name: String) -> Int {
        scene.simulator.report().callers[name].map { $0.accepted + $0.rejected } ?? 0
    }

    /// Reads what a worker writes until it ends, and notes what its end means for the account.
    private mutating func end(_ member: Member) async -> SoakTally? {
        var (tally, rejoins): (SoakTally?, Int) = (nil, 0)
        while let line = await member.process.line() {
            if line == "rejoined\n" { rejoins += 1 }
            tally = tally ?? (try? JSONDecoder().decode(SoakTally.self, from: Data(line.utf8)))
        }
        member.process.stop()
        // If it was away from Redis for longer than planned, its permits are not known exactly.
        let unplanned = max(0, rejoins - member.rejoins) * (scene.options.concurrency + SoakLimits.pooledMost)
        gone.append(
            SoakAccount.Worker(
                vendor: counted(member.name) - member.before,
                uncertain: member.permits + unplanned + (tally?.unanswered ?? 0), isForgotten: false))
        return tally
    }
}
