// SPDX-License-Identifier: Apache-2.0

import class Foundation.FileManager
import struct Foundation.URL

/// The commands of Redis that the ledger's scripts use, as their text names them.
enum LuaCommands {
    static func all(_ file: String = #filePath) throws -> [String] {
        let root = file.split(separator: "/").dropLast(4).joined(separator: "/")
        let folder = URL(filePath: "/\(root)/Sources/HeadroomRedis/Lua")
        var names: Set<String> = []
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) where name.hasSuffix(".lua") {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            names.formUnion(text.matches(of: /\b(?:call|attempt)\s*[(,]\s*'([A-Z]+)'/).map { String($0.output.1) })
        }
        return names.sorted()
    }
}
