// SPDX-License-Identifier: Apache-2.0

/// Turns the headers of one family into readings: one for each window that the family speaks of.
struct LimitFamilyReader {
    /// The family that is read.
    let family: LimitFamily
    /// The vendor's time, or the caller's where the vendor did not give its own.
    let now: Microseconds

    /// Most windows in one header. The vendor has two.
    static let maximumParts = 4

    private static let fieldsByWeight: [LimitField] = [.timeUnit, .limit, .available, .used, .expiryTime, .interval]

    /// Calls `body` with each reading that says something. Drops what cannot be used from `headers`, with the reason.
    func forEachReading(in headers: inout KnownHeaders, _ body: (LimitReading) -> Void) {
        guard headers.has(family), let count = partCount(in: &headers) else { return }
        for position in 0..<count {
            guard let reading = reading(at: position, of: count, in: &headers), !reading.isEmpty else { continue }
            body(reading)
        }
    }

    /// How many windows the family speaks of: what the time unit says, else the first header that says anything.
    /// Headers that disagree are dropped. Nil where nothing is said, or in more time units than there can be.
    private func partCount(in headers: inout KnownHeaders) -> Int? {
        var count: Int?
        for field in Self.fieldsByWeight {
            let key = HeaderKey.limit(family, field)
            let parts = headers[key]?.withBytes { $0.isVoid ? nil : $0.partCount } ?? nil
            guard let parts else { continue }
            if parts > Self.maximumParts || parts != count ?? parts {
                headers.drop(key, .partsDisagree)
                if field == .timeUnit { return nil }
            } else {
                count = parts
            }
        }
        return count
    }

    private func reading(at position: Int, of count: Int, in headers: inout KnownHeaders) -> LimitReading? {
        guard let (name, unit) = identity(at: position, of: count, in: &headers) else { return nil }
        let interval = number(.interval, position, in: 1...Limit.maximumCapacity, of: &headers)
        var window = unit.flatMap { unit in interval.flatMap { unit.window(interval: $0) } }
        if name != .spike, case .paced(let span)? = window { window = .rolling(span) }
        return LimitReading(
            scope: family.scope, name: name, window: window,
            limit: number(.limit, position, in: 1...Limit.maximumCapacity, of: &headers),
            used: number(.used, position, in: 0...Limit.maximumCapacity, of: &headers),
            available: number(.available, position, in: 0...Limit.maximumCapacity, of: &headers),
            expiry: expiry(position, span: window?.span ?? name.usualSpan, of: &headers))
    }

    /// Which limit a part speaks of, by its time unit or, without one, by its position. Nil where a unit is given that
    /// leads to no limit: its numbers must not pass for those of another window.
    private func identity(
        at position: Int, of count: Int, in headers: inout KnownHeaders
    ) -> (name: LimitName, unit: TimeUnit?)? {
        let key = HeaderKey.limit(family, .timeUnit)
        let isGiven = headers[key]?.withBytes { !$0.part(position).isEmpty } ?? false
        guard isGiven else { return family.name(at: position, of: count).map { ($0, nil) } }
        let unit = headers.meaning(of: key) { bytes -> Result<TimeUnit?, IgnoredHeader.Reason> in
            TimeUnit(bytes.part(position)).map { .success($0) } ?? .failure(.unknownUnit)
        }
        guard let unit else { return nil }
        // A family of a single window in seconds is the limit that it is called after, with a short window; no spike.
        let own = count == 1 ? family.ownName : nil
        guard let name = unit.limitName == .spike ? own ?? .spike : unit.limitName ?? own else { return nil }
        return (name, unit)
    }

    private func number(
        _ field: LimitField, _ position: Int, in range: ClosedRange<Int>, of headers: inout KnownHeaders
    ) -> Int? {
        headers.meaning(of: .limit(family, field)) { bytes in
            let part = bytes.part(position)
            guard !part.isEmpty else { return .success(nil) }
            return part.decimal().flatMap { number in
                guard let count = Int(exactly: number), range.contains(count) else { return .failure(.outOfRange) }
                return .success(count)
            }
        }
    }

    private func expiry(_ position: Int, span: Duration, of headers: inout KnownHeaders) -> WallInstant? {
        let time = headers.meaning(of: .limit(family, .expiryTime)) { bytes -> Result<Microseconds?, _> in
            let part = bytes.part(position)
            guard !part.isEmpty else { return .success(nil) }
            return part.decimal().flatMap { EpochTime.expiry($0, now: now, span: span) }
        }
        return time.map(WallInstant.init(microseconds:))
    }
}

extension LimitName {
    /// The window of a limit of this name where a response does not say it.
    fileprivate var usualSpan: Duration {
        switch self {
        case .spike: .seconds(1)
        case .throttle: .seconds(60)
        default: .seconds(86_400)
        }
    }
}

/// A unit in which the vendor states a limit's window.
enum TimeUnit: Int64 {
    case second = 1
    case minute = 60
    case hour = 3_600
    case day = 86_400

    private static let names: [(text: StaticString, unit: TimeUnit)] = [
        ("second", .second), ("minute", .minute), ("hour", .hour), ("day", .day),
    ]

    /// Recognises a unit by its name in the singular, in any case.
    init?(_ text: Bytes) {
        for (name, unit) in Self.names where text.equals(name) {
            self = unit
            return
        }
        return nil
    }

    /// The limit that counts in this unit; an hour has none of its own.
    var limitName: LimitName? {
        switch self {
        case .second: .spike
        case .minute: .throttle
        case .hour: nil
        case .day: .quota
        }
    }

    /// The window of a number of these units; nil where a limit cannot have it.
    func window(interval: Int) -> Limit.Window? {
        let (seconds, overflow) = rawValue.multipliedReportingOverflow(by: Int64(interval))
        guard interval >= 1, !overflow, seconds <= 31 * TimeUnit.day.rawValue else { return nil }
        switch self {
        case .second: return seconds <= 60 ? .paced(.seconds(seconds)) : nil
        case .day where interval == 1: return .day
        case .minute, .hour, .day: return .rolling(.seconds(seconds))
        }
    }
}

/// A header's value that holds one part for each window of a limit, separated by pipes: `10000|250000`.
extension UnsafeBufferPointer<UInt8> {
    private static var pipe: UInt8 { UInt8(ascii: "|") }

    /// Whether nothing is said: blanks, tabs and pipes only.
    var isVoid: Bool { allSatisfy { Self.isBlank($0) || $0 == Self.pipe } }

    /// How many parts there are: one more than pipes.
    var partCount: Int { reduce(1) { $1 == Self.pipe ? $0 &+ 1 : $0 } }

    /// The part at a position, counted from 0, without blanks around it; empty where there is none.
    func part(_ position: Int) -> Bytes {
        var (start, skipped) = (0, 0)
        while skipped < position, start < count {
            if self[start] == Self.pipe { skipped += 1 }
            start += 1
        }
        var end = start
        while end < count, self[end] != Self.pipe { end += 1 }
        return piece(start, end).trimmed
    }
}

/// Gathers readings of several families into one per scope and name.
struct ReadingTable {
    private var rows: [(reading: LimitReading, isOwn: Bool)] = []

    init() { rows.reserveCapacity(5) }

    /// Adds a reading of a family; later ones only fill what earlier ones left open.
    ///
    /// A family whose own limit this is replaces one that speaks of the limit only through a time unit: the two are not
    /// mixed, their counts may belong to different policies.
    mutating func add(_ reading: LimitReading, of family: LimitFamily?) {
        let isOwn = family.map { $0.ownName == reading.name } ?? true
        let row = rows.firstIndex { $0.reading.scope == reading.scope && $0.reading.name == reading.name }
        guard let row else { return rows.append((reading, isOwn)) }
        if rows[row].isOwn == isOwn {
            rows[row].reading.fill(from: reading)
        } else if isOwn {
            rows[row] = (reading, true)
        }
    }

    /// The readings in the order in which their limits were first spoken of.
    var readings: [LimitReading] { rows.map(\.reading) }
}
