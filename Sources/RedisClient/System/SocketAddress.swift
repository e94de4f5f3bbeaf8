// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A socket address of any family, as the system's bytes.
struct SocketAddress: Sendable {
    let family: Int32
    private let bytes: [UInt8]

    private init(family: Int32, bytes: [UInt8]) {
        (self.family, self.bytes) = (family, bytes)
    }

    /// The address of a socket file. The path has been checked for its length.
    init(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { memory in
            memory.copyBytes(from: path.utf8.prefix(memory.count - 1))
        }
        family = AF_UNIX
        bytes = withUnsafeBytes(of: &address) { Array($0) }
    }

    func connect(_ socket: Int32) -> Int32 {
        bytes.withUnsafeBytes { memory in
            guard let address = memory.assumingMemoryBound(to: sockaddr.self).baseAddress else { return -1 }
            return systemConnect(socket, address, socklen_t(memory.count))
        }
    }

    /// Finds all addresses of a host, in the system's order of preference. Blocks while a name server is asked.
    ///
    /// - Parameter numericOnly: Whether a name is an error, so that nobody is asked.
    static func find(host: String, port: Int, numericOnly: Bool) -> Result<[SocketAddress], HostNotFound> {
        var hints = addrinfo()
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        hints.ai_flags = AI_NUMERICSERV | (numericOnly ? AI_NUMERICHOST : 0)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else { return .failure(HostNotFound(reason: String(cString: gai_strerror(status)))) }
        defer { freeaddrinfo(list) }
        return .success(
            sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }.compactMap { item in
                guard let item, let address = item.pointee.ai_addr else { return nil }
                let bytes = UnsafeRawBufferPointer(start: address, count: Int(item.pointee.ai_addrlen))
                return SocketAddress(family: item.pointee.ai_family, bytes: Array(bytes))
            })
    }
}

/// Why a host's name has no address.
struct HostNotFound: Error {
    let reason: String
}

// Outside the type, whose method of the same name would hide it.
private func systemConnect(_ socket: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(socket, address, length)
}
