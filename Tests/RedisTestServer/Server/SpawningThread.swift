// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Starts child processes from one thread that never ends: "kill me with my parent" means the parent's thread, and a
/// thread of a pool may end at any time.
final class SpawningThread: Sendable {
    static let shared = SpawningThread()

    private struct Order: Sendable {
        let arguments: [String]
        let log: String
        let child: Guarded<pid_t>
        let done: DispatchSemaphore
    }

    private let orders = Guarded<[Order]>([])
    private let news = DispatchSemaphore(value: 0)

    private init() {
        Thread.detachNewThread { [orders, news] in
            while true {
                news.wait()
                guard let order = orders.with({ $0.isEmpty ? nil : $0.removeFirst() }) else { continue }
                let child = Self.spawn(order.arguments, log: order.log)
                order.child.with { $0 = child }
                order.done.signal()
            }
        }
    }

    /// The child's number, or an error's below zero.
    func spawn(_ arguments: [String], log: String) -> pid_t {
        let order = Order(arguments: arguments, log: log, child: Guarded(0), done: DispatchSemaphore(value: 0))
        orders.with { $0.append(order) }
        news.signal()
        order.done.wait()
        return order.child.with { $0 }
    }

    private static func spawn(_ arguments: [String], log: String) -> pid_t {
        #if canImport(Darwin)
        var (actions, attributes): (posix_spawn_file_actions_t?, posix_spawnattr_t?) = (nil, nil)
        #else
        var (actions, attributes) = (posix_spawn_file_actions_t(), posix_spawnattr_t())
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let status = posix_spawn(&child, arguments[0], &actions, &attributes, &words, environ)
        return status == 0 ? child : -status
    }
}
