// SPDX-License-Identifier: Apache-2.0

// Libraries of functions, as an operator sees them. Workers only call functions: who may load a library may replace
// every other one, and with it runs code as its callers.
extension RedisConnection {
    /// Loads a library, unless the server has it.
    ///
    /// - Returns: Whether it was loaded now.
    package func loadLibrary(
        _ library: RedisFunction.Library, timeout: Duration? = nil
    ) async throws(RedisError) -> Bool {
        do {
            _ = try await send(library.load, timeout: timeout)
            return true
        } catch  where error.serverError?.isKnownLibrary == true {
            return false
        }
    }

    /// The names of the server's libraries that begin with a prefix, in order.
    ///
    /// - Parameter prefix: Letters, digits and `_`, as in the names of libraries.
    package func libraryNames(
        prefix: String, timeout: Duration? = nil
    ) async throws(RedisError) -> [String] {
        let command = RedisCommand("FUNCTION", "LIST", "LIBRARYNAME", "\(prefix)*").expecting(.array)
        guard case .array(let libraries) = try await send(command, timeout: timeout) else { return [] }
        return libraries.compactMap(Self.name).filter { $0.hasPrefix(prefix) }.sorted()
    }

    /// Deletes a library.
    ///
    /// - Returns: Whether the server had it.
    package func deleteLibrary(named name: String, timeout: Duration? = nil) async throws(RedisError) -> Bool {
        do {
            _ = try await send(RedisCommand("FUNCTION", "DELETE", name).expecting(.status), timeout: timeout)
            return true
        } catch  where error.serverError?.isUnknownLibrary == true {
            return false
        }
    }

    /// The length of a library's text in bytes. `nil` if the server has no such library.
    package func librarySize(named name: String, timeout: Duration? = nil) async throws(RedisError) -> Int? {
        let command = RedisCommand("FUNCTION", "LIST", "LIBRARYNAME", name, "WITHCODE").expecting(.array)
        guard case .array(let libraries) = try await send(command, timeout: timeout) else { return nil }
        guard let library = libraries.first(where: { Self.name(of: $0) == name }) else { return nil }
        return Self.value(of: "library_code", in: library)?.utf8.count
    }

    private static func name(of library: RedisValue) -> String? { value(of: "library_name", in: library) }

    /// A value of a library's description, which is names and values in turn. `nil` if it has none of that name.
    private static func value(of name: String, in library: RedisValue) -> String? {
        guard case .array(let fields) = library else { return nil }
        let label = fields.firstIndex { $0.text == name }
        return label.flatMap { fields.indices.contains($0 + 1) ? fields[$0 + 1].text : nil }
    }
}
