// SPDX-License-Identifier: Apache-2.0

// From a service's name to its master.
extension ConnectionThread {
    /// Asks the sentinels, each in turn, until one names the master.
    ///
    /// - Returns: the master, and who named it.
    func findMaster(
        of service: SentinelService, _ end: Int64
    ) throws(Interruption) -> (master: RedisEndpoint, informant: RedisEndpoint) {
        // Half of the time is the master's, and the sentinels share the other half: one that does not answer must not
        // use up the time of the others.
        let start = MonotonicTime.now()
        let halfTime = start + max(0, end - start) / 2
        var reasons: [String] = []
        let order = sentinels.order
        for (index, sentinel) in order.enumerated() {
            let now = MonotonicTime.now()
            let share = now + max(0, halfTime - now) / Int64(order.count - index)
            do {
                return (try ask(sentinel, about: service, share), sentinel)
            } catch {
                guard case .failed(let reason) = error else { throw error }
                reasons.append("\(sentinel): \(reason.message)")
            }
        }
        endpoint = options.address.endpoint
        throw .failed(
            RedisError(
                .unavailable,
                "no sentinel names the master of '\(service.name)': \(reasons.prefix(4).joined(separator: "; "))"))
    }

    private func ask(
        _ sentinel: RedisEndpoint, about service: SentinelService, _ end: Int64
    ) throws(Interruption) -> RedisEndpoint {
        let address = RedisAddress(
            .tcp(host: sentinel.host, port: sentinel.port), user: service.user, password: service.password,
            tls: options.address.tls)
        var context = try connect(to: address, end)
        var login = Handshake(address, clientName: nil, advice: "give the address ?sentinel-password=…")
        try converse(&context, &login, end)
        var inquiry = SentinelInquiry(service.name)
        try converse(&context, &inquiry, end)
        sentinels.learn(inquiry.others, from: sentinel)
        guard let master = inquiry.master else { throw unavailable("it named no master") }
        return master
    }
}
