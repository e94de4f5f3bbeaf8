// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport
import Logging

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The connection's thread and its own state, which no other thread touches. It connects, serves, and begins anew,
/// until the connection's owner is done.
final class ConnectionThread {
    let core: ConnectionCore
    var options: RedisConnectionOptions { core.options }
    private var backoff: Backoff
    var outage: OutageLog
    /// The server that is connected, or being connected to: for messages.
    var endpoint: String
    var sentinels: SentinelDirectory

    // While a connection serves:
    private var writing = WriteBuffer()
    private var wrote = 0
    private var replies: [RedisValue] = []
    private var isSocketFull = false
    private var hasJustWritten = false
    private var lastServed: Int64 = 0
    // The moment from which the connection has been silent: set while a command is overdue and nobody was served since.
    //
    // An answer that comes after its command has timed out does not end the silence: if an answer was lost on the way,
    // each later one comes in the place of the one before, too late for ever. It does if no further answer is owed, as
    // the server is then slow, and in step. A slow server that always owes an answer loses the connection again and
    // again, after each silence and a growing pause, until an answer comes in time.
    private var silentSince: Int64?

    private init(_ core: ConnectionCore) {
        self.core = core
        let options = core.options
        backoff = Backoff(
            first: max(options.minimumBackoff, .milliseconds(1)).nanoseconds, longest: options.longestPause.nanoseconds,
            spreadPerMille: 500...1000)
        outage = OutageLog(logger: options.logger, redis: options.address.endpoint)
        endpoint = options.address.endpoint
        if case .sentinel(let service) = options.address.target {
            sentinels = SentinelDirectory(service.sentinels)
        } else {
            sentinels = SentinelDirectory([])
        }
    }

    /// Starts the thread. It keeps the core alive, not the handle.
    static func start(_ core: ConnectionCore) {
        let status = DetachedThread.start("\(core.options.threadPrefix)redis") { ConnectionThread(core).run() }
        guard status != 0 else { return }
        core.end(RedisError(.unavailable, "no thread to connect on: \(SocketIO.describe(status))"))
    }

    private func run() {
        while true {
            do {
                try connectAndServe()
            } catch {
                guard case .failed(let reason) = error else { return }
                core.fail(reason)
                outage.failed(reason, now: MonotonicTime.now())
                guard (try? pause()) != nil else { return }
            }
        }
    }

    private func pause() throws(Interruption) {
        let pause = Duration.nanoseconds(backoff.next(jitter: .random(in: 0...1000)))
        let end = MonotonicTime.after(pause, from: MonotonicTime.now())
        while MonotonicTime.now() < end { _ = try rest(-1, 0, until: end) }
    }

    /// Sleeps while there is no connection to write to; commands' deadlines are kept. Returns what the socket is ready
    /// for.
    func rest(_ socket: Int32, _ events: Int16, until: Int64) throws(Interruption) -> Int16 {
        let turn = try core.turn(now: MonotonicTime.now(), until: until, wantsBytes: false) { _ in false }
        return sleep(socket, events, until: turn.sleepUntil ?? until)
    }

    private func sleep(_ socket: Int32, _ events: Int16, until: Int64) -> Int16 {
        let ready = SocketIO.poll(socket, events, or: core.wake.readEnd, until: until)
        if ready.wake != 0 { core.wake.drain() }
        return ready.socket
    }

    // MARK: Serving

    private func connectAndServe() throws(Interruption) {
        var context = try open()
        outage.connected(to: endpoint)
        (writing, wrote, isSocketFull, hasJustWritten, silentSince) = (WriteBuffer(), 0, false, false, nil)
        lastServed = MonotonicTime.now()
        core.lend(context.plainSocket, isConnected: true)
        // Before the context closes the socket: its number may soon be another's.
        defer { core.lend(-1) }
        while true { try serve(&context) }
    }

    // One round: note what was written, take what is new, sleep if there is nothing to do, write, read.
    private func serve(_ context: inout HiredisContext) throws(Interruption) {
        let turn = try takeTurn()
        if let until = turn.sleepUntil {
            hasJustWritten = false
            let ready = sleep(context.socket, Int16(isSocketFull ? POLLIN | POLLOUT : POLLIN), until: until)
            if ready & Int16(POLLOUT) != 0 { isSocketFull = false }
            if ready & ~Int16(POLLOUT) != 0 { try receive(&context) }
        } else {
            // More to write comes without a sleep in between: answers are read all the same.
            if hasJustWritten { try receive(&context) }
            try write(context)
            hasJustWritten = true
        }
    }

    private func takeTurn() throws(Interruption) -> ConnectionCore.Turn {
        let now = MonotonicTime.now()
        let silenceEnd = silentSince.map { MonotonicTime.after(options.maximumSilence, from: $0) } ?? .max
        guard now < silenceEnd else {
            throw .failed(RedisError(.lost, "\(endpoint) has been silent for too long"))
        }
        let turn = try core.turn(now: now, until: silenceEnd, wantsBytes: !isSocketFull) { pipeline in
            if wrote > 0 { pipeline.didSend(wrote) }
            if writing.isEmpty { pipeline.take(into: &writing) }
            return !writing.isEmpty && !isSocketFull
        }
        wrote = 0
        if let since = turn.overdueSince, silentSince == nil { silentSince = max(since, lastServed) }
        return turn
    }

    private func write(_ context: borrowing HiredisContext) throws(Interruption) {
        guard let count = writing.withRemaining({ context.send($0) }) else {
            throw .failed(RedisError(.lost, "cannot write to \(endpoint): \(SystemError())"))
        }
        writing.advance(count)
        wrote = count
        isSocketFull = !writing.isEmpty
    }

    // Several reads for a large answer, but not so many that writing would wait for long.
    private func receive(_ context: inout HiredisContext) throws(Interruption) {
        for _ in 0..<16 {
            let count = try reading { () throws(ReadFailure) in try context.read() }
            guard count > 0 else { return }
            try deliver(&context)
            if count < HiredisContext.readSize { return }
        }
    }

    private func deliver(_ context: inout HiredisContext) throws(Interruption) {
        while let reply = try reading({ () throws(ReadFailure) in try context.next() }) { replies.append(reply) }
        guard !replies.isEmpty else { return }
        let (count, now) = (replies.count, MonotonicTime.now())
        // An answer may come before the turn in which the writing would have been noted.
        defer { wrote = 0 }
        let delivered = core.deliver(&replies, written: wrote, now: now)
        if let fault = delivered.fault { throw .failed(error(of: fault)) }
        if delivered.serves {
            (lastServed, silentSince) = (now, nil)
            backoff.succeed()
        }
        // The tasks just resumed are about to send more. What they send before this thread sleeps needs no wake-up.
        if count > 1 { sched_yield() }
    }

    // MARK: Failures

    func reading<Value>(_ body: () throws(ReadFailure) -> Value) throws(Interruption) -> Value {
        do {
            return try body()
        } catch {
            switch error {
            case .closed(let reason):
                throw .failed(RedisError(.lost, "lost the connection to \(endpoint): \(reason)"))
            case .garbage(let reason): throw .failed(violation(reason))
            }
        }
    }

    private func error(of fault: ConnectionCore.Fault) -> RedisError {
        switch fault {
        case .unasked: violation("an answer to no command")
        case .outOfStep:
            RedisError(.protocolViolation, "\(endpoint) is out of step: an answer that is not the due command's")
        case .otherMaster(let text): RedisError(.lost, "gave up a connection to a replica or an old master: \(text)")
        }
    }

    private func violation(_ reason: String) -> RedisError {
        RedisError(.protocolViolation, "\(endpoint) does not talk like Redis: \(reason)")
    }
}
