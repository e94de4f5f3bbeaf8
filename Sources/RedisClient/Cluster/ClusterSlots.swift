// SPDX-License-Identifier: Apache-2.0

/// A node's answer to `CLUSTER SLOTS`: which master serves which slots, and which nodes there are.
struct ClusterSlots: Sendable {
    private(set) var ranges: [(slots: ClosedRange<Int>, master: RedisEndpoint)] = []
    /// Masters and replicas.
    private(set) var nodes: [RedisEndpoint] = []

    /// At most this many nodes are taken in.
    static let mostNodes = 64

    /// `nil` if the answer has another form. A range without a node that can be connected to is left out.
    ///
    /// - Parameter host: where the answer came from; a node without a host means that one.
    init?(_ answer: RedisValue, from host: String) {
        guard case .array(let rows) = answer else { return nil }
        for case .array(let row) in rows {
            guard row.count >= 3, case (.integer(let first), .integer(let last)) = (row[0], row[1]),
                (0...last).contains(first), last < HashSlot.count
            else { return nil }
            let servers = row.dropFirst(2).map { Self.endpoint($0, host) }
            if let master = servers.first ?? nil { ranges.append((Int(first)...Int(last), master)) }
            for case let node? in servers where nodes.count < Self.mostNodes && !nodes.contains(node) {
                nodes.append(node)
            }
        }
    }

    func master(of slot: HashSlot) -> RedisEndpoint? { ranges.first { $0.slots.contains(slot.number) }?.master }

    private static func endpoint(_ node: RedisValue, _ host: String) -> RedisEndpoint? {
        guard case .array(let parts) = node, parts.count >= 2, case .integer(let port) = parts[1] else { return nil }
        let named = parts[0] == .null ? "" : parts[0].text ?? "?"
        return RedisEndpoint(named: named.isEmpty ? host : named, port: Int(exactly: port))
    }
}
