// SPDX-License-Identifier: Apache-2.0

// Stands before glibc's allocator and counts: symbols of the program come before those of its libraries.

#include "CBaselines.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HEADROOM_SANITIZED 1
#endif
#endif

#if defined(__GLIBC__) && !defined(HEADROOM_SANITIZED)

static atomic_int is_counting;
static atomic_llong allocations;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static inline void note(void) {
    if (atomic_load_explicit(&is_counting, memory_order_relaxed)) {
        atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    }
}

void *malloc(size_t size) {
    note();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    note();
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    note();
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    note();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
    void *made = memalign(alignment, size);
    if (!made) return ENOMEM;
    *block = made;
    return 0;
}

int baseline_counts_allocations(void) { return 1; }
void baseline_count_allocations(int on) {
    if (on) atomic_store(&allocations, 0);
    atomic_store(&is_counting, on);
}
int64_t baseline_allocations(void) { return atomic_load(&allocations); }

#else

int baseline_counts_allocations(void) { return 0; }
void baseline_count_allocations(int on) { (void)on; }
int64_t baseline_allocations(void) { return 0; }

#endif
