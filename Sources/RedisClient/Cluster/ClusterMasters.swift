// SPDX-License-Identifier: Apache-2.0

extension RedisConnection {
    /// A connection to each master of a cluster; one to the server itself if the address is no cluster's.
    ///
    /// - Throws: ``RedisError`` if no server of the address says which masters there are: the last one's.
    package static func masters(_ options: RedisConnectionOptions) async throws(RedisError) -> [RedisConnection] {
        if case .sentinel = options.address.target { return [RedisConnection(options: options)] }
        var lastError = RedisError(.unavailable, "the address names no server")
        for seed in options.address.target.seeds {
            let server = RedisConnection(options: options.ofNode(seed))
            do throws(RedisError) {
                let answer = try await server.send(RedisCommand("CLUSTER", "SLOTS").expecting(.array))
                return masters(ClusterSlots(answer, from: seed.host), options) ?? [server]
            } catch {
                // A server that is no node of a cluster answers with an error of its own.
                if case .cluster = options.address.target {
                    lastError = error
                } else if let answer = error.serverError, !answer.isTemporary {
                    return [server]
                } else {
                    throw error
                }
            }
        }
        throw lastError
    }

    private static func masters(
        _ slots: ClusterSlots?, _ options: RedisConnectionOptions
    ) -> [RedisConnection]? {
        var endpoints: [RedisEndpoint] = []
        for range in slots?.ranges ?? [] where !endpoints.contains(range.master) { endpoints.append(range.master) }
        guard !endpoints.isEmpty else { return nil }
        return endpoints.map { RedisConnection(options: options.ofNode(RedisAddress.Target($0))) }
    }
}
