// SPDX-License-Identifier: Apache-2.0

import Testing

/// Tests that run the program. One at a time: they measure time, and start many processes.
@Suite("The program", .serialized, .timeLimit(.minutes(10)))
enum EndToEnd {}
