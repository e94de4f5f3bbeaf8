// SPDX-License-Identifier: Apache-2.0

/// A first-in, first-out queue in one array. Appending and taking cost constant time on average.
///
/// Taken elements leave their place at the array's front unused until half of the array is unused; then the rest moves
/// to the front.
///
/// `public` for the reason that ``Mutex`` gives.
@frozen
public struct FIFO<Element> {
    @usableFromInline var elements: [Element] = []
    @usableFromInline var head = 0

    @inlinable public init() {}

    @inlinable public var isEmpty: Bool { head == elements.count }
    @inlinable public var count: Int { elements.count - head }

    /// The next element to be taken. Setting it changes the element and not its place, and does nothing if the queue is
    /// empty or the value `nil`.
    @inlinable public var first: Element? {
        get { isEmpty ? nil : elements[head] }
        set { if let newValue, !isEmpty { elements[head] = newValue } }
    }

    @inlinable public mutating func append(_ element: Element) { elements.append(element) }

    /// Adds an element that is the next to be taken. Costs linear time if no element was taken before.
    @inlinable public mutating func prepend(_ element: Element) {
        if head > 0 {
            head -= 1
            elements[head] = element
        } else {
            elements.insert(element, at: 0)
        }
    }

    @inlinable public mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = elements[head]
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: elements.count <= 64)
            head = 0
        } else if head >= 64, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    /// The elements, in order.
    @inlinable public var all: ArraySlice<Element> { elements[head...] }

    /// The places of the elements, for ``subscript(_:)``. They hold until the queue changes in length.
    @inlinable public var indices: Range<Int> { head..<elements.count }

    @inlinable public subscript(index: Int) -> Element {
        _read { yield elements[index] }
        _modify { yield &elements[index] }
    }

    /// Keeps only the elements that fit.
    @inlinable public mutating func filter(_ keeps: (Element) -> Bool) {
        elements = elements[head...].filter(keeps)
        head = 0
    }
}

extension FIFO: Sendable where Element: Sendable {}
