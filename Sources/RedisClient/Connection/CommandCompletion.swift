// SPDX-License-Identifier: Apache-2.0

/// The end of a caller's wait for a command's answer: ended exactly once, by whoever took it out of the pipeline.
struct CommandCompletion: Sendable {
    #if DEBUG
    private let continuation: CheckedContinuation<CommandEnd, Never>
    #else
    // A word without a reference count; a checked one is an object, and the pipeline moves thousands of them about.
    private let continuation: UnsafeContinuation<CommandEnd, Never>
    #endif

    /// Waits until the completion that `body` gets is ended.
    static func wait(_ body: (CommandCompletion) -> Void) async -> CommandEnd {
        #if DEBUG
        await withCheckedContinuation { body(CommandCompletion(continuation: $0)) }
        #else
        await withUnsafeContinuation { body(CommandCompletion(continuation: $0)) }
        #endif
    }

    func end(_ reply: Result<RedisValue, RedisError>, passesOn: Bool = false) {
        continuation.resume(returning: CommandEnd(reply: reply, passesOn: passesOn))
    }

    func fail(_ error: RedisError) { end(.failure(error)) }
}

/// How a command ended.
struct CommandEnd: Sendable {
    let reply: Result<RedisValue, RedisError>
    /// Whether its task is to pass on the answers that came with this one.
    let passesOn: Bool
}
