// SPDX-License-Identifier: Apache-2.0

/// The sentinels of a service, those of the address and those learned from them, in the order in which to ask. A pure
/// value.
struct SentinelDirectory {
    /// The sentinels in the order in which to ask, the best first.
    private(set) var order: [RedisEndpoint]
    private let configured: [RedisEndpoint]

    /// At most this many learned ones are remembered.
    static let mostLearned = 32

    init(_ configured: [RedisEndpoint]) { (self.order, self.configured) = (configured, configured) }

    /// Notes one whose master could be used: it is asked first next time.
    mutating func prefer(_ sentinel: RedisEndpoint) {
        guard let position = order.firstIndex(of: sentinel) else { return }
        order.insert(order.remove(at: position), at: 0)
    }

    /// Notes one whose master could not be used, perhaps because it is cut off from the others: it is asked last next
    /// time.
    mutating func avoid(_ sentinel: RedisEndpoint) {
        guard let position = order.firstIndex(of: sentinel) else { return }
        order.append(order.remove(at: position))
    }

    /// Takes in the other sentinels that one knows. Those of the address stay, whatever it says, and so does that one.
    mutating func learn(_ others: [RedisEndpoint], from sentinel: RedisEndpoint) {
        var kept = order.filter { $0 == sentinel || configured.contains($0) || others.contains($0) }
        for other in others where !kept.contains(other) && kept.count < configured.count + Self.mostLearned {
            kept.append(other)
        }
        order = kept
    }
}
