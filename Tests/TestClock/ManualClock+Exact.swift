// SPDX-License-Identifier: Apache-2.0

import CIdleTasks
package import Headroom
import HeadroomSupport
package import HeadroomTesting

extension ManualClock {
    /// A clock that does not guess how long others need: each of its steps ends when every task of the process waits,
    /// however slow the machine is and whatever else it does.
    ///
    /// - Parameter isIdle: whether nothing is to come from outside the tasks, such as an answer over a socket; asked
    ///   when all of them wait. Default: nothing ever is.
    package static func exact(
        origin: Microseconds = 1_795_348_800_000_000, isIdle: @escaping @Sendable () -> Bool = { true }
    ) -> ManualClock {
        let tasks = IdleTasks()
        return ManualClock(origin: origin) {
            await tasks.wait()
            while !isIdle() {
                try? await Task.sleep(for: .microseconds(100))
                await tasks.wait()
            }
        }
    }
}

/// Has all tasks run where it is known when none of them has anything to do, as long as it lives.
private final class IdleTasks: Sendable {
    init() {
        idle_tasks_begin()
        // The one way to the pool that leads past the runtime's hook.
        InlineExecutor.substitute.withLock { substitute in
            substitute = { idle_tasks_enqueue(unsafeBitCast($0, to: UnsafeMutableRawPointer.self)) }
        }
    }

    deinit { idle_tasks_end() }

    func wait() async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let boxed = Unmanaged.passRetained(Box(continuation))
            idle_tasks_await(Self.resume, boxed.toOpaque())
        }
    }

    private static let resume: @convention(c) (UnsafeMutableRawPointer?) -> Void = { boxed in
        guard let boxed else { return }
        Unmanaged<Box>.fromOpaque(boxed).takeRetainedValue().continuation.resume()
    }

    private final class Box: Sendable {
        let continuation: UnsafeContinuation<Void, Never>
        init(_ continuation: UnsafeContinuation<Void, Never>) { self.continuation = continuation }
    }
}
