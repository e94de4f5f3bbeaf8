// SPDX-License-Identifier: Apache-2.0

/// The program's exit status, and what it says.
package enum ProgramStatus: Int32, Sendable {
    /// All was done.
    case fine = 0
    /// The command line is not right.
    case usage = 1
    /// Redis or the URL could not be reached.
    case unreachable = 2
    /// A limit was used up before the calls were done.
    case exhausted = 3
    /// There is no account of that client id.
    case unknownClient = 4
    /// Not all calls were made: a process ended before, or the ledger could not be used.
    case incomplete = 5
    /// The server has no functions.
    case noFunctions = 6
    /// Interrupted by Ctrl-C.
    case interrupted = 130
    /// Ended by SIGTERM.
    case terminated = 143

    static let drivesHelp = """
        Exit status: 0 done, 1 the command line is not right, 2 Redis or the URL could not be reached, 3 a limit was used \
        up before the calls were done, 5 not all calls were made because a process or the ledger failed, 130 interrupted by Ctrl-C, 143 ended by SIGTERM.
        """
    static let statusHelp = """
        Exit status: 0 shown, 1 the command line is not right, 2 Redis could not be reached, 4 no account of that client id.
        """
    static let functionsHelp = """
        Exit status: 0 done, 1 the command line is not right, 2 Redis could not be reached or did not do it, 6 the server has \
        no functions: workers run scripts there.
        """
}

/// The reason why the program ends without a result.
struct CommandFailure: Error, Sendable {
    let status: ProgramStatus
    let message: String

    init(_ status: ProgramStatus, _ message: String) { (self.status, self.message) = (status, message) }
}
