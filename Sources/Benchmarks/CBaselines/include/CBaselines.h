// SPDX-License-Identifier: Apache-2.0
#ifndef HEADROOM_CBASELINES_H
#define HEADROOM_CBASELINES_H

// What the benchmarks compare with: hiredis used from plain C, synchronously and asynchronously, as one would without
// this library; and a count of the process' allocations.

#include <stddef.h>
#include <stdint.h>

// One command as a list of words.
typedef struct {
    int count;
    const char **words;
    const size_t *lengths;
} baseline_command;

// A connected socket of Redis: a path where there is one, else a port of 127.0.0.1.
typedef struct {
    const char *path;
    int port;
} baseline_place;

typedef struct baseline_connection baseline_connection;

// NULL where nothing answers there.
baseline_connection *baseline_open(baseline_place place);
void baseline_close(baseline_connection *connection);

// Sends the commands one at a time, each after the answer to the one before. Writes how long each took, in nanoseconds,
// unless `spans` is NULL. Returns how many were answered by something else than an error.
size_t baseline_run_synchronous(
    baseline_connection *connection, const baseline_command *commands, size_t count, int64_t *spans);

// Sends the commands `depth` at a time in one write, then reads that many answers. Returns as above.
size_t baseline_run_in_batches(
    baseline_connection *connection, const baseline_command *commands, size_t count, size_t depth);

typedef struct {
    // From the first command to the last answer, in nanoseconds; without connecting.
    int64_t elapsed;
    // Processor time of the calling thread in that span, in nanoseconds.
    int64_t processor;
    // Answers that were no errors.
    size_t answered;
} baseline_result;

// Sends the commands over an asynchronous context with an event loop around poll, `in_flight` of them at any time: each
// answer's callback sends the next one.
baseline_result baseline_run_asynchronous(
    baseline_place place, const baseline_command *commands, size_t count, size_t in_flight);

// Whether allocations can be counted here: glibc alone, and not under a sanitizer.
int baseline_counts_allocations(void);
// Calls of malloc, calloc, realloc and their aligned kin by all threads, since it was switched on.
void baseline_count_allocations(int on);
int64_t baseline_allocations(void);

#endif
