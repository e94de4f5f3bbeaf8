// SPDX-License-Identifier: Apache-2.0

import Headroom
import RedisClient
import RedisTestServer
import Testing

@testable import HeadroomRedis

@Suite("What servers of many kinds say, and what an operator reads", .tags(.servers))
struct ServerWordingTests {
    @Test(
        "A server that lacks what the ledger needs gets one error, which says what that is and not how Lua puts it",
        arguments: [
            ("UNSUITED struct", "its scripts have no struct"),
            (nonexistent("ERR user_script:1: ") + " script: x, on @user_script:1.", "its scripts have no struct"),
            (
                nonexistent("ERR Error running script (call to f_d5): @enable_strict_lua:15: user_script:1: "),
                "no struct"
            ),
            ("ERR Error running script (call to f_d5): @user_script:1: attempt to index global 'struct'", "no struct"),
            (
                "ERR user_function:415: attempt to concatenate upvalue 'prefix' (a nil value) script: headroom_e7_join",
                "its Lua does not run the library's scripts"
            ),
            ("ERR Error compiling script (new function): user_script:1: '=' expected", "its Lua does not run"),
            ("ERR Error running script: script tried accessing undeclared key", "its scripts may not use keys"),
            ("ERR This Redis command is not allowed from script: time", "its scripts may not call TIME"),
            ("ERR This Redis command is not allowed from script script: 1f, on @user_script:1.", "may not call a"),
            ("ERR unknown command 'EVALSHA', with args beginning with: ", "it runs no scripts"),
            ("ERR unknown command `evalsha`, with args beginning with: ", "it runs no scripts"),
            ("ERR Command is not available: 'EVALSHA'. See the documents", "it runs no scripts"),
            ("unsupported command 'evalsha'", "it runs no scripts"),
            ("ERR This command is disabled", "it runs no scripts"),
            ("ERR unknown command 'HMGET', with args beginning with: ", "it does not have the command HMGET"),
        ])
    func unsuited(wording: String, meaning: String) {
        let error = LedgerError(RedisError(.serverError, wording, mayHaveRun: true))
        #expect(error.code == .unsuited)
        #expect(error.isLasting)
        #expect(error.message.contains(meaning), "\(error)")
        #expect(error.message.contains("ReachingRedis"))
        #expect(!error.message.contains("user_script") && !error.message.contains("attempt to"), "\(error)")
        #expect(!error.message.lowercased().contains("delete"))
    }

    @Test("A command that was garbled on the way says nothing about the server", arguments: ["5", "$5", ""])
    func garbled(command: String) {
        let text = "ERR unknown command '\(command)', with args"
        let error = LedgerError(RedisError(.serverError, text, mayHaveRun: true))
        #expect(error.code == .lost)
    }

    private static func nonexistent(_ place: String) -> String {
        place + "Script attempted to access nonexistent global variable 'struct'"
    }

    @Test(
        "A missing right is named, whichever version says so",
        arguments: [
            ("NOPERM this user has no permissions to run the 'evalsha' command or its subcommand", "right +evalsha;"),
            ("NOPERM this user has no permissions to run the 'fcall' command", "lacks the right +fcall;"),
            ("NOPERM User w has no permissions to run the 'cluster|slots' command", "lacks the right +cluster|slots;"),
            ("ERR ACL failure in script: User w has no permissions to run the 'get' command", "lacks the right +get;"),
            ("ERR ACL failure in script: User w has no permissions to run the 'hset' command script: x", "+hset;"),
            ("ERR The user executing the script can't run this command or subcommand script: 4e", "may not do this;"),
            (
                "ERR Error running script (call to f_4e): @user_script:1: @user_script: 1: The user executing the script "
                    + "can't run this command or subcommand", "may not do this;"
            ),
            ("NOPERM No permissions to access a key", "may not use the account's key;"),
            ("NOPERM this user has no permissions to access one of the keys used as arguments", "the account's key;"),
            ("ERR ACL failure in script: No permissions to access a key script: on @user_script:1.", "account's key;"),
            ("ERR The user executing the script can't access at least one of the keys mentioned", "account's key;"),
        ])
    func rights(wording: String, advice: String) {
        let error = LedgerError(RedisError(.serverError, wording, mayHaveRun: true))
        #expect(error.code == (wording.hasPrefix("NOPERM") ? .unavailable : .lost))
        #expect(error.message.contains(advice) && error.message.contains("deploy/users.acl"), "\(error)")
    }

    @Test("Rights that a script found missing are all named, and nothing was done")
    func missing() {
        let error = LedgerError(RedisError(.serverError, "RIGHTS hdel pexpire", mayHaveRun: true))
        #expect(error.code == .missingRights && error.isLasting)
        #expect(error.message.contains("may not call HDEL, PEXPIRE; give it +hdel +pexpire"), "\(error)")
    }

    @Test(
        "Redis 6 says at a script's first write why it takes none, and is understood",
        arguments: [
            "OOM command not allowed when used memory > 'maxmemory'.", "READONLY You can't write against a replica.",
        ])
    func sixth(reason: String) {
        for place in ["ERR Error running script (call to f_2b): @user_script:1: @user_script: 1: -", "=[C]: -1: -"] {
            let error = LedgerError(RedisError(.serverError, place + reason, mayHaveRun: true))
            #expect(error.code == .unavailable)
            #expect(error.message.contains("maxmemory") || error.message.contains("leads to a replica"), "\(error)")
        }
    }

    @Test(
        "The first join at an unsuited server says what it lacks, whatever it answers to a function",
        arguments: ["ERR Command is not available: 'FCALL'", "unsupported command 'fcall'", "ERR Function not found"],
        [
            ("ERR This Redis command is not allowed from script: time", "its scripts may not call TIME"),
            ("ERR unknown command 'EVALSHA'", "it runs no scripts"), ("UNSUITED struct", "its scripts have no struct"),
        ])
    func firstJoin(functions: String, answer: (error: String, meaning: String)) async throws {
        let server = try FakeServer { words in
            switch words[0] {
            case "CLUSTER": "-ERR unknown command 'cluster'"
            case "FCALL": "-\(functions)"
            default: "-\(answer.error)"
            }
        }
        let account = try Account(RedisLedger(try connection(server.address)))
        let error = await #expect(throws: LedgerError.self) { try await account.join() }
        #expect(error?.code == .unsuited)
        #expect(error?.message.contains(answer.meaning) == true, "\(String(describing: error))")
    }

    @Test("A server whose Lua lacks struct is named as unsuited by the script itself")
    func withoutStruct() async throws {
        let source = String(decoding: LedgerScript.join.script.source, as: UTF8.self)
        let lacking = source.replacing("return struct.pack", with: "return nowhere.pack")
        try #require(lacking != source)
        let server = try RedisTestServer()
        let redis = try connection(server)
        let error = await #expect(throws: RedisError.self) {
            _ = try await redis.send(RedisCommand("EVAL", lacking, "1", "headroom:2:{test}", ""))
        }
        let meaning = LedgerError(try #require(error))
        #expect(meaning.code == .unsuited && meaning.message.contains("its scripts have no struct. "), "\(meaning)")
        #expect(try server.command("EXISTS", "headroom:2:{test}") == ":0\r\n")
    }

    @Test("A user without scripts is given the name of the right, by the server at hand")
    func withoutScripts() async throws {
        let server = try RedisTestServer()
        try server.command("ACL", "SETUSER", "me", "on", ">pw", "~*", "-@all", "+ping")
        let account = try Account(RedisLedger(try connection("redis://me:pw@127.0.0.1:\(server.port ?? 0)")))
        let error = await #expect(throws: LedgerError.self) { try await account.join() }
        #expect(error?.message.contains("lacks the right +evalsha;") == true, "\(String(describing: error))")
    }
}
