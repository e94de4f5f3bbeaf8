// SPDX-License-Identifier: Apache-2.0

import CommandLine

/// The end of a drive: the exit status, and what there is to say about it.
package struct DriveVerdict: Sendable, Hashable {
    package var status: ProgramStatus
    /// One sentence for each thing that went another way than wanted.
    package var messages: [String] = []

    /// Judges a drive.
    ///
    /// - Parameters:
    ///   - wanted: how many calls were to be made. `nil`: as many as the time allows.
    ///   - isTimed: whether the drive was to end after a time.
    ///   - unreachable: why neither vendor nor ledger could be reached. `nil` if they were.
    package init(_ result: DriveResult, wanted: Int?, isTimed: Bool, unreachable: String?) {
        if let failure = result.firstFailure, unreachable == nil {
            let failed = result.failed == 1 ? "1 call" : "\(NumberText.grouped(result.failed)) calls"
            messages.append(result.failed > 0 ? "\(failed) failed; the first: \(failure)" : failure)
        }
        if let exhausted = result.firstExhausted {
            let missing = wanted.map { max(0, $0 - result.calls) } ?? 0
            let made = wanted.map { "\(NumberText.grouped(result.calls)) of \(NumberText.grouped($0)) calls made: " }
            messages.append((missing > 0 ? made ?? "" : "") + exhausted)
        }
        if let unreachable { messages.append(unreachable) }
        status = Self.status(result, wanted, isTimed, unreachable)
    }

    private static func status(
        _ result: DriveResult, _ wanted: Int?, _ isTimed: Bool, _ unreachable: String?
    ) -> ProgramStatus {
        if result.interrupted == "SIGTERM" { return .terminated }
        if result.interrupted != nil { return .interrupted }
        if unreachable != nil { return .unreachable }
        if result.processes.allSatisfy({ $0.exit != nil }) { return .incomplete }
        guard let wanted, !isTimed, result.calls < wanted else { return .fine }
        return result.exhausted > 0 ? .exhausted : .incomplete
    }
}
