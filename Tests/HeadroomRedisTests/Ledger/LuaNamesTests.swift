// SPDX-License-Identifier: Apache-2.0

import Testing

import class Foundation.FileManager
import struct Foundation.URL

/// Who knows one side finds the other: each file and each function has its like under the same name.
///
/// Methods that several types have take the type's name with them in Lua (`spendLimit`, `spendBudget`), what Swift
/// makes with `init` begins with `new` (`newEntitlement`). What reads and writes Redis is Lua's alone.
@Suite("Swift's account and Lua's have the same names")
struct LuaNamesTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")

    /// The text of each file of a folder with an ending, by the file's name without the ending.
    private static func files(_ folder: String, _ ending: String) throws -> [String: String] {
        let root = sources.appending(path: folder)
        var files: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: root.path) where path.hasSuffix(ending) {
            let name = root.appending(path: path).lastPathComponent.dropLast(ending.count)
            files[String(name)] = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        }
        return files
    }

    private static func names(_ files: [String: String], _ pattern: Regex<(Substring, Substring)>) -> Set<String> {
        Set(files.values.flatMap { $0.matches(of: pattern).map { String($0.output.1) } })
    }

    /// Lua's names for a method that several types have.
    private static func names(of method: String) -> [String] {
        var names: [String] = []
        let second = method.firstIndex { $0.isUppercase }
        for type in ["", "Limit", "Budget", "Instance"] {
            names += [method + type, method + type + "At"]
            if let second { names.append(String(method[..<second]) + type + String(method[second...])) }
        }
        return names
    }

    @Test("Each file has its like")
    func files() throws {
        let swift = Set(try Self.files("Headroom/Account", ".swift").keys)
        let lua = Set(try Self.files("HeadroomRedis/Lua", ".lua").keys)
        // The constants come from Swift, which reads the account for its status itself; form and store are Lua's.
        #expect(swift.subtracting(lua) == ["GroupAccount+Status", "Rules"])
        #expect(lua.subtracting(swift) == ["Format", "Store", "Store+Group", "Store+Rings", "Store+Rosters"])
    }

    @Test("Each function of Lua has its like in Swift, but for what reads and writes Redis")
    func ofLua() throws {
        let swift = Self.names(try Self.files("Headroom/Account", ".swift"), /\b(?:func|var|let) (\w+)/)
        let known = Set(swift.flatMap(Self.names(of:)))
        let lua = Self.names(try Self.files("HeadroomRedis/Lua", ".lua"), /(?m)^local function (\w+)/)
        let alone: Set = [
            "addInstance", "addName", "addToRing", "appendGauges", "begin", "bind", "budgetOf", "cellsOf", "commit",
            "concatenate",
            "emptyRing", "emptyRings", "fetch", "fetchAll", "fetchKept", "floorOf", "forgetIdleTenants", "guarded",
            "isInRoster", "isKept", "isOfRights", "keepKnown", "keyLife", "limitNamed", "load", "loadInstance",
            "loadRing", "loadWhole", "longest", "lose", "missingRights", "parsed", "put", "putGroup", "putRings",
            "putTenants", "remove", "removeName", "renewals", "ringCount", "ringField", "rosterNames", "saveInstance",
            "setEpoch", "slotAfter", "tenantTemplates", "unchanged", "unreadable",
        ]
        let ofForm = /(new|pack|unpack|take)[A-Z]\w*/
        #expect(lua.subtracting(known).subtracting(alone).filter { $0.wholeMatch(of: ofForm) == nil } == [])
        #expect(alone.subtracting(lua) == [], "these are no more")
    }

    @Test("Each method of Swift has its like in Lua, but for how Swift changes a value in its place")
    func ofSwift() throws {
        let lua = Self.names(try Self.files("HeadroomRedis/Lua", ".lua"), /(?m)^local function (\w+)/)
        let swift = Self.names(try Self.files("Headroom/Account", ".swift"), /\bfunc (\w+)/)
        let alone: Set = [
            "budgets", "countMembers", "gauges", "indexOfLimit", "ringIndex", "slot", "span", "spendCalls", "status",
            "turnTime", "withBudgets", "withTenant",
        ]
        #expect(swift.filter { lua.isDisjoint(with: Self.names(of: $0)) }.subtracting(alone) == [])
        #expect(alone.subtracting(swift) == [], "these are no more")
    }
}
