// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One permit's way through an empty pool, over Redis, and back: what `Scripts/walk` watches. Argument: the address of
/// a Redis.
///
/// Counters of the compiler's coverage start at 0 when the coordinator has joined and its pool is empty, and are
/// written when the lease's end has been settled.
@main
enum Walk {
    static func main() async throws {
        let coordinator = RateCoordinator(
            clientID: "walk", plan: .keapOAuth, ledger: try .redis(CommandLine.arguments[1]))
        let background = Task { try await coordinator.run() }
        let first = try await coordinator.acquire()
        first.cancel()
        // Longer than an idle permit stays in the pool, shorter than a heartbeat.
        try await Task.sleep(for: .milliseconds(1_200))
        resetCounters()
        let lease = try await coordinator.acquire()
        _ = lease.complete(Answer(), body: [])
        try await Task.sleep(for: .milliseconds(300))
        guard writeCounters() == 0 else { fatalError("the counters could not be written") }
        setFile("/dev/null")
        background.cancel()
        try await background.value
    }
}

/// What the vendor says of the minute's limit.
private struct Answer: VendorResponse {
    let statusCode = 200

    func forEachField(_ body: (_ name: String, _ value: String) -> Void) {
        body("x-keap-product-throttle-limit", "1500")
        body("x-keap-product-throttle-used", "3")
        body("x-keap-product-throttle-available", "1497")
        body("x-keap-product-throttle-time-unit", "minute")
        body("x-keap-product-throttle-interval", "1")
        body("date", "Sat, 28 Nov 2026 00:00:00 GMT")
    }
}

// Of the runtime that the compiler links with its coverage.
@_silgen_name("__llvm_profile_reset_counters") private func resetCounters()
@_silgen_name("__llvm_profile_write_file") private func writeCounters() -> Int32
@_silgen_name("__llvm_profile_set_filename") private func setFile(_ name: UnsafePointer<CChar>)
