// SPDX-License-Identifier: Apache-2.0

/// A queue over a circular buffer: constant time at both ends and by position. It never shrinks.
struct Ring<Element> {
    private var slots: [Element?] = Array(repeating: nil, count: 16)
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var first: Element? { count == 0 ? nil : slots[head] }

    mutating func append(_ element: Element) {
        if count == slots.count { grow() }
        slots[slot(count)] = element
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = slots[head].take()
        head = slot(1)
        count -= 1
        return element
    }

    /// Changes the element at a position counted from the front. `nil` if there is none.
    mutating func update<Result>(_ position: Int, _ body: (inout Element) -> Result) -> Result? {
        guard position >= 0, position < count else { return nil }
        return body(&slots[slot(position)]!)
    }

    /// The element at a position counted from the front.
    subscript(position: Int) -> Element? {
        position >= 0 && position < count ? slots[slot(position)] : nil
    }

    // The number of slots is a power of two.
    private func slot(_ position: Int) -> Int { (head &+ position) & (slots.count &- 1) }

    private mutating func grow() {
        var larger = Array(slots[head...] + slots[..<head])
        larger.append(contentsOf: repeatElement(nil, count: slots.count))
        (slots, head) = (larger, 0)
    }
}
