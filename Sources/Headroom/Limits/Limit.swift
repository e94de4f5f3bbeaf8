// SPDX-License-Identifier: Apache-2.0

/// A capacity of calls per window: what a vendor allows, and over what span it counts.
public struct Limit: Sendable, Hashable {
    /// The limit's name within its budget.
    public let name: LimitName
    /// Calls per window, 1 to 1,000,000,000. A learned capacity (see ``VendorReading``) may replace it at run
    /// time.
    public let capacity: Int
    /// The span over which calls are counted.
    public let window: Window
    /// The highest capacity that may ever be learned from the vendor's headers, 1 to 1,000,000,000. Default: none, so
    /// that any may be.
    public let ceiling: Int?

    /// The highest capacity a limit can have: a thousand million calls per window.
    package static let maximumCapacity = 1_000_000_000

    /// How a limit counts.
    public enum Window: Sendable, Hashable {
        /// Calls of any span of this length. Keeps calendar windows and windows from a first call as well.
        /// 100 ms to 31 days.
        case rolling(Duration)
        /// Calls since 00:00 UTC, or since the reset time that the vendor's headers name.
        case day
        /// `capacity` evenly spaced slots per this span: no bursts. 1 ms to 60 s, at least one slot in 2 s.
        case paced(Duration)
    }

    /// Makes a limit.
    ///
    /// - Parameters:
    ///   - name: the limit's name, unique within its budget.
    ///   - capacity: calls per window, 1 to 1,000,000,000.
    ///   - window: the span over which calls are counted; see ``Window`` for the ranges.
    ///   - ceiling: the highest capacity that may be learned, 1 to 1,000,000,000. Default: none.
    /// - Throws: ``RateLimitError`` with the code `invalidLimit` if capacity, window or ceiling is out of range; the
    ///   error names the value and the range.
    public init(_ name: LimitName, capacity: Int, window: Window, ceiling: Int? = nil) throws(RateLimitError) {
        guard (1...Self.maximumCapacity).contains(capacity) else {
            throw RateLimitError(
                .invalidLimit, "capacity \(capacity) of limit '\(name)' is not in 1...\(Self.maximumCapacity)")
        }
        if let ceiling, !(1...Self.maximumCapacity).contains(ceiling) {
            throw RateLimitError(
                .invalidLimit, "ceiling \(ceiling) of limit '\(name)' is not in 1...\(Self.maximumCapacity)")
        }
        switch window {
        case .rolling(let span):
            guard span >= .milliseconds(100), span <= .seconds(31 * 86_400) else {
                throw RateLimitError(
                    .invalidLimit, "rolling window \(span) of limit '\(name)' is not between 0.1 s and 31 days")
            }
        case .paced(let span):
            guard span >= .milliseconds(1), span <= .seconds(60) else {
                throw RateLimitError(
                    .invalidLimit, "paced window \(span) of limit '\(name)' is not between 1 ms and 60 s")
            }
            guard span.microseconds / Int64(capacity) <= 2_000_000 else {
                throw RateLimitError(
                    .invalidLimit,
                    "paced limit '\(name)' of \(capacity) in \(span) is less than one call in 2 s; use a rolling window"
                )
            }
        case .day: break
        }
        (self.name, self.capacity, self.window, self.ceiling) = (name, capacity, window, ceiling)
    }

    /// For constants of this package, whose values are known to be in range.
    init(known name: LimitName, _ capacity: Int, _ window: Window, ceiling: Int? = nil) {
        (self.name, self.capacity, self.window, self.ceiling) = (name, capacity, window, ceiling)
    }
}

extension Limit.Window {
    /// How long the window lasts.
    package var span: Duration {
        switch self {
        case .rolling(let span), .paced(let span): span
        case .day: .seconds(86_400)
        }
    }
}

/// The name of a limit within its budget, such as `minute`.
///
/// The same names appear in the ledger's state, in the command line's `--limit NAME=…`, in errors and in events.
/// A name is 1 to 32 characters of `a`–`z`, `0`–`9` and `-`.
public struct LimitName: Sendable, Hashable, CustomStringConvertible {
    /// The name's text.
    public let text: String

    /// Makes a name. `nil` if the text is not 1 to 32 characters of `a`–`z`, `0`–`9` and `-`.
    public init?(_ text: String) {
        let utf8 = text.utf8
        guard (1...32).contains(utf8.count), utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.text = text
    }

    /// For constants of this package, and for names that no plan or header can have.
    init(known text: String) { self.text = text }

    /// What a 429 is attributed to whose limit is not known.
    static let unknown = LimitName(known: "unknown")

    public var description: String { text }

    /// Alphabetical order.
    package static func < (left: LimitName, right: LimitName) -> Bool { left.text < right.text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

/// Which budget of a group: the product's (the client id), or one tenant's.
public enum BudgetScope: Sendable, Hashable, CustomStringConvertible {
    /// The client id's own budget, on which every call draws.
    case product
    /// One tenant's budget, on which the calls that name it draw as well.
    case tenant(Tenant)

    public var description: String {
        switch self {
        case .product: "product"
        case .tenant(let tenant): "tenant \(tenant)"
        }
    }
}

/// One limit of one budget: what errors, verdicts and events name.
public struct LimitReference: Sendable, Hashable, CustomStringConvertible {
    /// The budget that the limit belongs to.
    public let scope: BudgetScope
    /// The limit's name in that budget.
    public let name: LimitName

    /// Makes a reference.
    public init(_ scope: BudgetScope, _ name: LimitName) { (self.scope, self.name) = (scope, name) }

    public var description: String {
        switch scope {
        case .product: name.text
        case .tenant(let tenant): "\(name) of tenant \(tenant)"
        }
    }
}

/// One limit as it stands: what a dashboard shows of it.
public struct LimitGauge: Sendable, Hashable {
    /// Which limit.
    public var limit: LimitReference
    /// The capacity in force, in calls per window: configured, or learned.
    public var capacity: Int64
    /// Calls that count: spent in the window, and outstanding. 0 for a paced limit.
    package var count: Int64
    /// The vendor's count minus the ledger's own, as it counts now.
    public var drift: Int64
    /// Calls left unused because rejections taught so. Of a paced limit: its margin in millionths.
    public var cushion: Int64
    /// How long nothing is granted after a 429; zero if there is no pause.
    public var pausedFor: Duration
    /// The time until the day ends; zero for other windows.
    public var resetsIn: Duration

    package init(
        limit: LimitReference, capacity: Int64, count: Int64, drift: Int64, cushion: Int64, pausedFor: Duration,
        resetsIn: Duration
    ) {
        self.limit = limit
        self.capacity = capacity
        self.count = count
        self.drift = drift
        self.cushion = cushion
        self.pausedFor = pausedFor
        self.resetsIn = resetsIn
    }

    /// Calls of the limit that are taken: counted, and the vendor's excess over the ledger's own count. 0 for a paced
    /// limit.
    public var used: Int64 { count + drift }
}
