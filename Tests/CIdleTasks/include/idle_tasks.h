// SPDX-License-Identifier: Apache-2.0

#ifndef HEADROOM_IDLE_TASKS_H
#define HEADROOM_IDLE_TASKS_H

/// Takes Swift's tasks over onto threads that know when none of them has anything to do, until `idle_tasks_end` has
/// been called as often as this.
void idle_tasks_begin(void);

/// Leaves what comes from now on to Swift's own threads again.
void idle_tasks_end(void);

/// Runs a job of Swift's as if it had been taken over.
void idle_tasks_enqueue(void *job);

/// Calls back once, on any thread, when no task is ready and none runs: from then on nothing happens unless it comes
/// from outside, such as a clock, a socket or another thread.
/// Ends the process where tasks that wake each other do not come to rest.
void idle_tasks_await(void (*call)(void *context), void *context);

#endif
