// SPDX-License-Identifier: Apache-2.0

import HeadroomRedis
import RedisClient
import Testing

@Suite("Lua with constants")
struct LuaSourceTests {
    @Test("Constants stand as numbers, whether the text declares them or Swift gives them")
    func constants() {
        let text = """
            -- A comment with SPENT in it.
            local SPENT <const>, DRIFT <const> = 11, 15
            local limit = take()
            limit[SPENT] = limit[DRIFT] + HORIZON
            """
        let source = LuaSource([text], constants: ["HORIZON": "250000"])
        #expect(source.text == "local limit = take()\nlimit[11] = limit[15] + 250000")
    }

    @Test("Names inside other names, and texts, stay as they are")
    func names() {
        let source = LuaSource(["call('SPENT', SPENT_AT, \"SPENT\") -- SPENT"], constants: ["SPENT": "1"])
        #expect(source.text == "call('SPENT', SPENT_AT, \"SPENT\") -- 1")
    }

    @Test("No constant of an operation is left without a value", arguments: ["join", "exchange", "hold"])
    func operations(name: String) throws {
        let scripts = ["join": LedgerScript.join, "exchange": .exchange, "hold": .hold]
        let source = String(decoding: try #require(scripts[name]).script.source, as: UTF8.self)
        let code = source.replacing(/'[^']*'|"[^"]*"/, with: "")
        let left = code.matches(of: /\b[A-Z][A-Z_]+\b/).map { String($0.output) }
        // These are no numbers.
        let texts: Set = ["KEYS", "ARGV", "INSTANCES", "TENANTS", "ACL"]
        #expect(Set(left).subtracting(texts) == [])
    }
}
