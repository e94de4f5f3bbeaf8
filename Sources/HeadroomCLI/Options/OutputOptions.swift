// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// What is written.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Write the result as one JSON object, and nothing else, to standard output.")
    var json = false

    @Flag(help: "Log more to standard error.")
    var verbose = false
}
