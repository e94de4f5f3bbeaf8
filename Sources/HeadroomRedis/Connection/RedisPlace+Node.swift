// SPDX-License-Identifier: Apache-2.0

extension RedisAddress.Place {
    /// A cluster's node.
    init(_ endpoint: RedisEndpoint) { self = .tcp(host: endpoint.host, port: endpoint.port) }

    /// The host that a node means which names none; the own one for a socket file.
    var host: String {
        if case .tcp(let host, _) = self { host } else { "127.0.0.1" }
    }

    /// The nodes of a cluster's address, or the one server that another address names.
    var seeds: [RedisAddress.Place] {
        if case .cluster(let nodes) = self { nodes.map(Self.init) } else { [self] }
    }
}
