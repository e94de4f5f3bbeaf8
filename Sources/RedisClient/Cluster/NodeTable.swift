// SPDX-License-Identifier: Apache-2.0

/// The connections to the nodes of a cluster: few, and only those in use. A pure value.
struct NodeTable<Connection> {
    private var entries: [RedisAddress.Target: (connection: Connection, usedAt: Int64)] = [:]
    private var sweptAt: Int64 = 0

    /// The most connections; the one not used for longest makes room.
    static var most: Int { 32 }
    /// The time after which an unused connection leaves the table, in nanoseconds.
    static var idleTime: Int64 { 60_000_000_000 }

    var count: Int { entries.count }

    var connections: [Connection] { entries.values.map(\.connection) }

    /// The connection to a node, made if there is none. `left` are those that leave the table with this call: the
    /// caller releases them.
    mutating func connection(
        to node: RedisAddress.Target, now: Int64, _ make: () -> Connection
    ) -> (connection: Connection, left: [Connection]) {
        let idle = sweep(now)
        if let entry = entries[node] {
            entries[node]?.usedAt = now
            return (entry.connection, idle)
        }
        let crowded = entries.count < Self.most ? nil : entries.min { $0.value.usedAt < $1.value.usedAt }
        if let crowded { entries[crowded.key] = nil }
        let connection = make()
        entries[node] = (connection, now)
        return (connection, idle + (crowded.map { [$0.value.connection] } ?? []))
    }

    private mutating func sweep(_ now: Int64) -> [Connection] {
        guard now - sweptAt >= Self.idleTime / 4 else { return [] }
        sweptAt = now
        let idle = entries.filter { now - $0.value.usedAt >= Self.idleTime }
        for node in idle.keys { entries[node] = nil }
        return idle.values.map(\.connection)
    }
}
