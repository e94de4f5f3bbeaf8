// SPDX-License-Identifier: Apache-2.0

/// The questions to a sentinel: where the service's master is, and which other sentinels there are. A pure value.
struct SentinelInquiry: Dialogue {
    private let service: String
    let bytes: [UInt8]
    let count = 2
    /// The master it named.
    private(set) var master: RedisEndpoint?
    /// The other sentinels it knows.
    private(set) var others: [RedisEndpoint] = []

    init(_ service: String) {
        self.service = service
        var bytes: [UInt8] = []
        RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", service).encode(into: &bytes)
        RedisCommand("SENTINEL", "SENTINELS", service).encode(into: &bytes)
        self.bytes = bytes
    }

    mutating func judge(_ position: Int, _ answer: RedisValue) throws(RedisError) -> String? {
        guard position == 0 else {
            // It matters only once the sentinels of the address are gone.
            others = Self.endpoints(answer)
            return nil
        }
        switch answer {
        case .array(let parts) where parts.count == 2:
            master = RedisEndpoint(named: parts[0].text ?? "", port: parts[1].text.flatMap { Int($0) })
            guard master == nil else { return nil }
            throw RedisError(.serverError, "it names a master that is no host and port")
        case .null: throw RedisError(.serverError, "it knows no service '\(service)'")
        case .error(let text):
            throw RedisError(.serverError, "it answered with an error (\(ServerError(text).shownKind))")
        default: throw RedisError(.protocolViolation, "it does not answer like a sentinel")
        }
    }

    private static func endpoints(_ answer: RedisValue) -> [RedisEndpoint] {
        guard case .array(let sentinels) = answer else { return [] }
        return sentinels.prefix(SentinelDirectory.mostLearned).compactMap { sentinel in
            guard case .array(let fields) = sentinel else { return nil }
            var (host, port) = ("", Int?.none)
            for (name, value) in zip(fields, fields.dropFirst()).enumerated().filter({ $0.offset % 2 == 0 }).map(
                \.element)
            {
                if name.text == "ip" { host = value.text ?? "" }
                if name.text == "port" { port = value.text.flatMap { Int($0) } }
            }
            return RedisEndpoint(named: host, port: port)
        }
    }
}
