// SPDX-License-Identifier: Apache-2.0

/// Commands between their caller and their reply, in the order in which replies come. A pure value.
///
/// A command's completion leaves it exactly once: with its reply, its deadline, its cancellation, or the connection's
/// end. Its place stays until the reply has come and gone, or every later reply would go to the wrong command. Each
/// command has a sequence number; of those, `first ≤ sent ≤ taken ≤ next`:
///
///     first …… sent …… taken …… next
///     in flight │ writing │ unsent
struct CommandPipeline<Completion> {
    private struct Entry {
        // `nil` if the command is completed already: nobody waits for its reply.
        var completion: Completion?
        var deadline: Int64
        // 0: removed before it was written, no reply will come.
        var length: Int
        var expected: ExpectedAnswer
    }

    private var entries = Ring<Entry>()
    private var first: UInt64 = 0
    private var sent: UInt64 = 0
    private var taken: UInt64 = 0
    private var next: UInt64 { first + UInt64(entries.count) }
    // Bytes of the command at `sent` that are written already.
    private var sentOfNext = 0
    private(set) var unsent = WriteBuffer()
    // Completed commands whose bytes are still in `unsent`.
    private var completedUnsent = 0

    /// No deadline is earlier than this; it may be too early, never too late.
    private(set) var earliestDeadline = Int64.max

    /// Commands that hold a place: waiting, or completed with the reply still to come.
    var count: Int { entries.count }

    /// Appends a command and returns its sequence number.
    mutating func enqueue(_ command: RedisCommand, deadline: Int64, _ completion: Completion) -> UInt64 {
        let start = unsent.bytes.count
        command.encode(into: &unsent.bytes)
        let length = unsent.bytes.count - start
        entries.append(Entry(completion: completion, deadline: deadline, length: length, expected: command.expected))
        earliestDeadline = min(earliestDeadline, deadline)
        return next - 1
    }

    /// Appends a command whose answer nobody waits for, and which goes right before the next one that is appended, in
    /// one write.
    mutating func enqueueUnawaited(_ command: RedisCommand) {
        let start = unsent.bytes.count
        command.encode(into: &unsent.bytes)
        let length = unsent.bytes.count - start
        entries.append(Entry(completion: nil, deadline: .max, length: length, expected: command.expected))
    }

    /// Moves what is unsent into an empty buffer, without the commands that nobody waits for any more.
    mutating func take(into buffer: inout WriteBuffer) {
        dropCompletedUnsent()
        taken = next
        swap(&unsent, &buffer)
        unsent.clear()
    }

    /// Notes that so many bytes of the unsent ones were written on the spot.
    mutating func didSendDirectly(_ count: Int) {
        taken = next
        unsent.advance(count)
        didSend(count)
    }

    /// Notes that so many more bytes were written.
    mutating func didSend(_ count: Int) {
        sentOfNext += count
        while sent < taken, let entry = entries[Int(sent - first)], sentOfNext >= entry.length {
            sentOfNext -= entry.length
            sent += 1
        }
    }

    /// Ends a command early. `mayRun` says whether it was, or will be, written. `nil` if it has ended already.
    mutating func cancel(_ sequence: UInt64) -> (completion: Completion, mayRun: Bool)? {
        guard sequence >= first, sequence < next else { return nil }
        return complete(at: Int(sequence - first)).map { ($0, sequence < taken) }
    }

    /// Ends the commands whose deadline has come.
    mutating func expire(now: Int64) -> [(completion: Completion, mayRun: Bool)] {
        guard now >= earliestDeadline else { return [] }
        var (expired, earliest) = ([(completion: Completion, mayRun: Bool)](), Int64.max)
        for position in 0..<entries.count {
            guard let entry = entries[position], entry.completion != nil else { continue }
            if entry.deadline > now {
                earliest = min(earliest, entry.deadline)
            } else if let completion = complete(at: position) {
                expired.append((completion, first + UInt64(position) < taken))
            }
        }
        earliestDeadline = earliest
        return expired
    }

    /// Where a reply belongs.
    enum Addressee {
        /// The command that it belongs to, which is taken out. Its completion is `nil` if nobody waits for it any more.
        case command(Completion?)
        /// A command that it cannot belong to, and that keeps its place.
        case other
        /// No command: none is due.
        case none
    }

    /// Finds out where the next reply belongs.
    mutating func reply(_ answer: RedisValue) -> Addressee {
        dropRemoved()
        guard first < sent, let entry = entries.first else { return .none }
        guard entry.expected.fits(answer) else { return .other }
        _ = entries.popFirst()
        first += 1
        dropRemoved()
        return .command(entry.completion)
    }

    /// Empties the pipeline at a connection's end. `wasSent` says whether all of a command was written.
    mutating func drain() -> [(completion: Completion, wasSent: Bool)] {
        var drained: [(completion: Completion, wasSent: Bool)] = []
        while let entry = entries.popFirst() {
            if let completion = entry.completion { drained.append((completion, first < sent)) }
            first += 1
        }
        (sent, taken, sentOfNext, completedUnsent) = (first, first, 0, 0)
        unsent.clear()
        earliestDeadline = .max
        return drained
    }

    private mutating func complete(at position: Int) -> Completion? {
        let isUnsent = first + UInt64(position) >= taken
        guard let taken = entries.update(position, { $0.completion.take() }), let completion = taken else { return nil }
        if isUnsent { completedUnsent += 1 }
        return completion
    }

    // Rebuilds the unsent bytes. What was written of them already belongs to commands before `taken` and stays in
    // front.
    private mutating func dropCompletedUnsent() {
        guard completedUnsent > 0 else { return }
        let positions = Int(taken - first)..<entries.count
        var offset = unsent.bytes.count - positions.reduce(0) { $0 + (entries[$1]?.length ?? 0) }
        var kept = Array(unsent.bytes[..<offset])
        for position in positions {
            entries.update(position) { entry in
                let end = offset + entry.length
                if entry.completion != nil { kept += unsent.bytes[offset..<end] } else { entry.length = 0 }
                offset = end
            }
        }
        unsent.bytes = kept
        completedUnsent = 0
        taken = next
        dropRemoved()
    }

    private mutating func dropRemoved() {
        while first < taken, let entry = entries.first, entry.length == 0 {
            _ = entries.popFirst()
            first += 1
            sent = max(sent, first)
        }
    }
}

/// Bytes on their way to the socket, and how many of them are gone already.
struct WriteBuffer {
    var bytes: [UInt8] = []
    private(set) var written = 0

    // A buffer that one burst made larger than this is given back to the system.
    private static let keptCapacity = 1 << 20

    var remaining: Int { bytes.count - written }
    var isEmpty: Bool { written == bytes.count }

    mutating func advance(_ count: Int) {
        written += count
        if isEmpty { clear() }
    }

    mutating func clear() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
        written = 0
    }

    /// What is left to be written. Valid only inside `body`.
    func withRemaining<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[written...])) }
    }
}

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
