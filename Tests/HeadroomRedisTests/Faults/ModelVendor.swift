// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport
import KeapSimulator

/// The simulated vendor without its server, on a clock of the test's choice.
final class ModelVendor: Sendable {
    private let model: Mutex<VendorModel>
    private let clock: @Sendable () -> Microseconds

    /// - Parameter clock: the time, in microseconds since 1970. Default: the system's clock.
    init(_ configuration: VendorConfiguration, clock: @escaping @Sendable () -> Microseconds = SystemClock.now) {
        model = Mutex(VendorModel(configuration, start: clock()))
        self.clock = clock
    }

    /// Takes a call now, and says what its response's headers say.
    func call(_ tenant: Tenant? = nil) -> VendorReading {
        let now = clock()
        let answer = model.withLock { $0.receive(tenant: tenant?.name, at: now) }
        let head = ResponseHead(status: answer.status, fields: answer.headers.map { ($0.name, $0.value) })
        return Keap().read(head, body: answer.body.utf8, now: WallInstant(microseconds: now))
    }

    /// What it has counted so far.
    var report: SimulatorReport {
        let now = clock()
        return model.withLock { $0.report(at: now) }
    }
}

extension VendorConfiguration {
    /// A vendor with one limit: calls in any span of that length.
    static func only(throttle capacity: Int, per span: Duration) throws -> VendorConfiguration {
        VendorConfiguration(spike: nil, throttle: try WindowLimit(capacity, per: span, counting: .rolling), quota: nil)
    }
}
