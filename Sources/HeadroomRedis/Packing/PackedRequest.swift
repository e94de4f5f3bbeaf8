// SPDX-License-Identifier: Apache-2.0

package import Headroom

/// A request in the form in which the scripts read it: numbers as little-endian doubles of eight bytes, texts
/// NUL-terminated. Lua's numbers are doubles, too; integers up to 2^53 are exact in them.
///
/// One argument takes the place of dozens: Redis would make a string of each, and the script a number of that.
package struct PackedRequest: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    /// A request with the fields that every request begins with.
    ///
    /// - Parameters:
    ///   - now: the time that the script takes; 0 for Redis' own.
    ///   - correlation: the number with which the answer ends, below 2^53.
    package init(at now: Microseconds, correlation: Int64) {
        self.init()
        append(now)
        append(correlation)
    }

    package mutating func append(_ number: Int64) {
        withUnsafeBytes(of: Double(number).bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends a text without zeros in it: an id, a tenant's or a limit's name.
    package mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
    }

    package mutating func append(_ request: JoinRequest) {
        RequestRecords.join.append(request, to: &self)
        append(request.settings.plan.productLimits, as: RequestRecords.limit)
        append(request.settings.plan.tenantLimits, as: RequestRecords.limit)
        append(request.permits, as: RequestRecords.tenantPermits)
        append(request.history, as: RequestRecords.spentCalls)
    }

    package mutating func append(_ request: ExchangeRequest) {
        RequestRecords.exchange.append(request, to: &self)
        for settlement in request.settlements { RequestRecords.settlement.append(settlement, to: &self) }
        for observation in request.observations { RequestRecords.observation.append(observation, to: &self) }
        for rejection in request.rejections { RequestRecords.rejection.append(rejection, to: &self) }
        for want in request.wants { RequestRecords.want.append(want, to: &self) }
    }

    /// Appends how many there are, and each.
    private mutating func append<Value>(_ list: [Value], as record: RequestRecord<Value>) {
        append(Int64(list.count))
        for value in list { record.append(value, to: &self) }
    }
}
