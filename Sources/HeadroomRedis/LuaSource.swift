// SPDX-License-Identifier: Apache-2.0

/// Lua text whose constants are replaced by their values.
///
/// Constants are written as Lua 5.4 has them, `local SPENT <const> = 11`, and stand in the text as numbers by the time
/// Redis, which has Lua 5.1, sees it: a name costs a look-up, and a Lua function cannot have more than 60 of them from
/// outside.
package struct LuaSource: Sendable {
    package private(set) var text: String
    private var constants: [String: String]

    /// - Parameters:
    ///   - parts: Pieces of one script, in their order.
    ///   - constants: Names in capitals and their values, beside those that the text declares.
    package init(_ parts: [String], constants: [String: String]) {
        self.constants = constants
        var lines: [Substring] = []
        for line in parts.flatMap({ $0.split(separator: "\n", omittingEmptySubsequences: false) }) {
            if let declared = Self.declaration(line) {
                self.constants.merge(declared) { $1 }
            } else if let code = Self.withoutComment(line) {
                lines.append(code)
            }
        }
        let values = self.constants
        text = lines.map { Self.replaceNames(in: $0, by: values) }.joined(separator: "\n")
    }

    /// The constants that a line declares. `nil` for other lines.
    private static func declaration(_ line: Substring) -> [String: String]? {
        guard line.hasPrefix("local "), line.contains("<const>") else { return nil }
        let sides = line.dropFirst(6).split(separator: "=")
        guard sides.count == 2 else { return nil }
        let names = sides[0].split(whereSeparator: { " ,".contains($0) }).filter { $0 != "<const>" }.map(String.init)
        let values = sides[1].split(whereSeparator: { " ,".contains($0) }).map(String.init)
        return Dictionary(zip(names, values)) { $1 }
    }

    /// A line without its comment, which stands on a line of its own. `nil` if nothing is left.
    private static func withoutComment(_ line: Substring) -> Substring? {
        let code = line.drop { $0 == " " }
        return code.isEmpty || code.hasPrefix("--") ? nil : code
    }

    /// The line with names replaced by their values; texts in quotes stay as they are.
    private static func replaceNames(in line: Substring, by values: [String: String]) -> String {
        var (result, name, quote) = ("", "", nil as Character?)
        for character in line {
            if quote == nil, character == "_" || (character.isASCII && (character.isLetter || character.isNumber)) {
                name.append(character)
                continue
            }
            result += values[name] ?? name
            result.append(character)
            name = ""
            if character == "'" || character == "\"" {
                quote = quote == nil ? character : quote == character ? nil : quote
            }
        }
        return result + (values[name] ?? name)
    }
}
