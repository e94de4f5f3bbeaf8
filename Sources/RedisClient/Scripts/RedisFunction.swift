// SPDX-License-Identifier: Apache-2.0

/// A function of a library that is kept in Redis: its text is read once, and what the library knows stays between the
/// calls.
package struct RedisFunction: Sendable, Hashable {
    /// A library of functions. Its name holds the digest of its text: another text is another library, and none is ever
    /// replaced.
    package struct Library: Sendable, Hashable {
        package let name: String
        /// `FUNCTION LOAD` and the text, ready to be sent.
        let load: RedisCommand

        /// - Parameters:
        ///   - prefix: What the name begins with: letters, digits and `_`.
        ///   - source: Lua that defines local functions.
        ///   - functions: Those that can be called from outside.
        package init(prefix: String, source: String, functions: [String]) {
            let name = "\(prefix)_\(SHA1.hexadecimal(of: Array(source.utf8)).prefix(12))"
            let registrations = functions.map { "redis.register_function('\(name)_\($0)', \($0))" }
            self.name = name
            load = RedisCommand(
                "FUNCTION", "LOAD", "#!lua name=\(name)\n\(source)\n\(registrations.joined(separator: "\n"))\n"
            ).expecting(.bulk)
        }
    }

    package let library: Library
    /// `FCALL` and the function's name, ready to be sent.
    let head: [UInt8]

    package init(_ name: String, of library: Library) {
        self.library = library
        var head: [UInt8] = []
        head.appendBulk("FCALL".utf8)
        head.appendBulk("\(library.name)_\(name)".utf8)
        self.head = head
    }
}
