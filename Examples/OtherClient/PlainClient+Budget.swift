// SPDX-License-Identifier: Apache-2.0

import Headroom

// The whole adapter.
extension PlainResponse: VendorResponse {
    func forEachField(_ body: (_ name: String, _ value: String) -> Void) {
        for (name, value) in fields { body(name, value) }
    }
}

extension PlainClient {
    /// Makes a call within a budget.
    func get(
        _ path: String, budget: RateCoordinator, tenant: String? = nil, timeout: Timeout = .configured
    ) async throws -> PlainResponse {
        try await budget.perform(tenant: tenant, timeout: timeout, isUnsent: { $0 is CannotConnect }) {
            let response = try await get(path)
            return (response, response.body)
        }.0
    }
}
