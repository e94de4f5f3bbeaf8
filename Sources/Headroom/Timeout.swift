// SPDX-License-Identifier: Apache-2.0

/// How long a caller waits for permits, and tries again after rejections, from when it asks.
public struct Timeout: Sendable, Hashable {
    private enum Kind: Hashable {
        case configured, never
        case after(Duration)
    }

    private let kind: Kind

    /// As long as ``RateCoordinator/Configuration/timeout`` says: 60 s unless set otherwise.
    public static let configured = Timeout(kind: .configured)
    /// Until the task is cancelled.
    public static let never = Timeout(kind: .never)

    /// As long as the span. Zero or less: only what is there at once.
    public static func after(_ span: Duration) -> Timeout { Timeout(kind: .after(span)) }

    /// As many seconds.
    public static func seconds(_ seconds: Int) -> Timeout { .after(.seconds(seconds)) }

    /// As many milliseconds.
    public static func milliseconds(_ milliseconds: Int) -> Timeout { .after(.milliseconds(milliseconds)) }

    /// The span; nil: without end.
    func span(_ configuration: RateCoordinator.Configuration) -> Duration? {
        switch kind {
        case .configured: configuration.timeout
        case .never: nil
        case .after(let span): span
        }
    }
}
