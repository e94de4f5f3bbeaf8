// SPDX-License-Identifier: Apache-2.0

import Headroom
import Testing

@Suite("Limits")
struct LimitTests {
    @Test("A capacity is 1 to a thousand million", arguments: [1, 2, 1_500, 1_000_000_000])
    func capacity(value: Int) throws {
        let limit = try Limit(.throttle, capacity: value, window: .rolling(.seconds(60)), ceiling: value)
        #expect(limit.capacity == value)
        #expect(limit.ceiling == value)
        #expect(limit.name == .throttle)
        #expect(limit.window == .rolling(.seconds(60)))
    }

    @Test(
        "Any other capacity or ceiling fails, with the value, the limit and the range",
        arguments: [0, -1, .min, 1_000_000_001, .max])
    func wrongCapacity(value: Int) throws {
        for window in [Limit.Window.rolling(.seconds(60)), .day, .paced(.seconds(1))] {
            let first = #expect(throws: RateLimitError.self) { try Limit(.quota, capacity: value, window: window) }
            #expect(first?.message == "capacity \(value) of limit 'quota' is not in 1...1000000000")
            let second = #expect(throws: RateLimitError.self) {
                try Limit(.quota, capacity: 100, window: window, ceiling: value)
            }
            #expect(second?.message == "ceiling \(value) of limit 'quota' is not in 1...1000000000")
        }
    }

    @Test("A rolling window is 100 ms to 31 days")
    func rolling() throws {
        for span in [Duration.milliseconds(100), .seconds(60), .seconds(31 * 86_400)] {
            #expect(try Limit(.throttle, capacity: 1, window: .rolling(span)).window == .rolling(span))
        }
        for span in [Duration.zero, .seconds(-60), .microseconds(99_999), .seconds(31 * 86_400) + .nanoseconds(1)] {
            let error = #expect(throws: RateLimitError.self) {
                try Limit(.throttle, capacity: 1, window: .rolling(span))
            }
            #expect(error?.description.contains("'throttle' is not between 0.1 s and 31 days") == true)
            #expect(error?.description.contains("\(span)") == true)
        }
    }

    @Test("A paced window is 1 ms to 60 s")
    func paced() throws {
        for span in [Duration.milliseconds(1), .seconds(1), .seconds(60)] {
            #expect(try Limit(.spike, capacity: 100, window: .paced(span)).window == .paced(span))
        }
        for span in [Duration.zero, .seconds(-1), .microseconds(999), .seconds(60) + .nanoseconds(1)] {
            let error = #expect(throws: RateLimitError.self) { try Limit(.spike, capacity: 100, window: .paced(span)) }
            #expect(error?.description.contains("is not between 1 ms and 60 s") == true)
        }
    }

    @Test("A paced limit has at least one slot in 2 s")
    func slow() throws {
        _ = try Limit(.spike, capacity: 1, window: .paced(.seconds(2)))
        _ = try Limit(.spike, capacity: 30, window: .paced(.seconds(60)))
        for (capacity, span) in [(1, Duration.seconds(3)), (29, .seconds(60))] {
            let error = #expect(throws: RateLimitError.self) {
                try Limit(.spike, capacity: capacity, window: .paced(span))
            }
            #expect(error?.description.contains("less than one call in 2 s; use a rolling window") == true)
        }
    }
}
