// SPDX-License-Identifier: Apache-2.0

#include "idle_tasks.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// Of the Swift runtime: where every piece of work goes that has no executor of its own, and what runs one.
// (`swift/Runtime/Concurrency.h`.)
#define SWIFT_CALL __attribute__((swiftcall))

typedef SWIFT_CALL void (*enqueue_function)(void *job);
typedef SWIFT_CALL void (*enqueue_hook)(void *job, enqueue_function original);

typedef struct {
    void *identity;
    uintptr_t implementation;
} executor_reference;

extern enqueue_hook swift_task_enqueueGlobal_hook;
extern SWIFT_CALL void swift_job_run(void *job, executor_reference executor);

// More than one, so that what may happen at once does; a few, as a test may block one for a while.
enum { thread_count = 4 };

// Tasks that have done so much and still find no end go round in a circle, as long as time stands still.
enum { work_maximum = 2000000 };

typedef struct waiter {
    void (*call)(void *);
    void *context;
    struct waiter *next;
} waiter;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t news = PTHREAD_COND_INITIALIZER;
static int users, running;
static int done_since_waiting;
static bool has_threads;
static waiter *waiters;

// A ring of the jobs that are ready, oldest first.
static void **ready;
static size_t capacity, first, count;

static void add(void *job) {
    if (count == capacity) {
        size_t larger = capacity == 0 ? 1024 : 2 * capacity;
        void **ring = malloc(larger * sizeof *ring);
        if (ring == NULL) abort();
        for (size_t index = 0; index < count; index++) ring[index] = ready[(first + index) % capacity];
        free(ready);
        ready = ring;
        capacity = larger;
        first = 0;
    }
    ready[(first + count) % capacity] = job;
    count++;
}

static void *take(void) {
    void *job = ready[first];
    first = (first + 1) % capacity;
    count--;
    return job;
}

static void call_all(waiter *list) {
    while (list != NULL) {
        waiter *next = list->next;
        list->call(list->context);
        free(list);
        list = next;
    }
}

static void *work(void *unused) {
    (void)unused;
    pthread_mutex_lock(&lock);
    while (true) {
        while (count == 0) pthread_cond_wait(&news, &lock);
        void *job = take();
        running++;
        pthread_mutex_unlock(&lock);
        swift_job_run(job, (executor_reference){NULL, 0});
        pthread_mutex_lock(&lock);
        running--;
        done_since_waiting++;
        if (waiters == NULL) continue;
        if (done_since_waiting > work_maximum) {
            fputs("tasks wake each other without end while a test waits for them to rest\n", stderr);
            abort();
        }
        if (running > 0 || count > 0) continue;
        waiter *idle = waiters;
        waiters = NULL;
        pthread_mutex_unlock(&lock);
        call_all(idle);
        pthread_mutex_lock(&lock);
    }
    return NULL;
}

static SWIFT_CALL void enqueue(void *job, enqueue_function original) {
    (void)original;
    pthread_mutex_lock(&lock);
    add(job);
    pthread_cond_signal(&news);
    pthread_mutex_unlock(&lock);
}

void idle_tasks_enqueue(void *job) { enqueue(job, NULL); }

void idle_tasks_begin(void) {
    pthread_mutex_lock(&lock);
    users++;
    for (int index = 0; !has_threads && index < thread_count; index++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, NULL) != 0) abort();
        pthread_detach(thread);
    }
    has_threads = true;
    __atomic_store_n(&swift_task_enqueueGlobal_hook, enqueue, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&lock);
}

void idle_tasks_end(void) {
    pthread_mutex_lock(&lock);
    users--;
    if (users == 0) __atomic_store_n(&swift_task_enqueueGlobal_hook, (enqueue_hook)NULL, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&lock);
}

void idle_tasks_await(void (*call)(void *context), void *context) {
    pthread_mutex_lock(&lock);
    bool is_idle = running == 0 && count == 0;
    if (!is_idle) {
        waiter *new = malloc(sizeof *new);
        if (new == NULL) abort();
        *new = (waiter){call, context, waiters};
        if (waiters == NULL) done_since_waiting = 0;
        waiters = new;
    }
    pthread_mutex_unlock(&lock);
    if (is_idle) call(context);
}
