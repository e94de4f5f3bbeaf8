// SPDX-License-Identifier: Apache-2.0
#ifndef CHIREDIS_SYSTEM_H
#define CHIREDIS_SYSTEM_H

// System calls that Swift's Glibc module does not show.

#ifdef __linux__

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>

// Visible in the system's headers only with _GNU_SOURCE, which a module cannot ask for.
extern int ppoll(struct pollfd *descriptors, nfds_t count, const struct timespec *span, const sigset_t *mask);
extern int pthread_setname_np(pthread_t thread, const char *name);

static inline int system_poll(struct pollfd *descriptors, nfds_t count, const struct timespec *span) {
    return ppoll(descriptors, count, span, NULL);
}

static inline void system_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

static inline int system_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

#endif

#endif
