// SPDX-License-Identifier: Apache-2.0
#include "CBaselines.h"

#include <hiredis/hiredis.h>
#include <hiredis/async.h>
#include <poll.h>
#include <time.h>

typedef struct {
    redisAsyncContext *context;
    const baseline_command *commands;
    size_t count, sent, done, answered;
    short interest;
} loop;

static int64_t read_clock(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void add_read(void *data) { ((loop *)data)->interest |= POLLIN; }
static void delete_read(void *data) { ((loop *)data)->interest &= ~POLLIN; }
static void add_write(void *data) { ((loop *)data)->interest |= POLLOUT; }
static void delete_write(void *data) { ((loop *)data)->interest &= ~POLLOUT; }

static void on_reply(redisAsyncContext *context, void *reply, void *data);

static void send_next(loop *self) {
    if (self->sent == self->count) return;
    const baseline_command *command = &self->commands[self->sent++];
    redisAsyncCommandArgv(
        self->context, on_reply, self, command->count, (const char **)command->words, command->lengths);
}

static void on_reply(redisAsyncContext *context, void *reply, void *data) {
    (void)context;
    loop *self = data;
    self->done++;
    if (reply && ((redisReply *)reply)->type != REDIS_REPLY_ERROR) self->answered++;
    if (reply) send_next(self);
}

static void on_disconnect(const redisAsyncContext *context, int status) {
    (void)status;
    ((loop *)context->data)->context = NULL;
}

// One turn: waits for what is of interest, and lets the context handle it. 0 where the connection is gone.
static int turn(loop *self) {
    struct pollfd descriptor = {.fd = self->context->c.fd, .events = self->interest};
    if (poll(&descriptor, 1, 2000) <= 0) return 0;
    if (descriptor.revents & (POLLIN | POLLHUP | POLLERR)) redisAsyncHandleRead(self->context);
    if (self->context && (descriptor.revents & POLLOUT)) redisAsyncHandleWrite(self->context);
    return self->context != NULL;
}

static void run_to(loop *self, size_t done) {
    while (self->done < done && turn(self)) {}
}

static int attach(loop *self, baseline_place place) {
    self->context = place.path ? redisAsyncConnectUnix(place.path) : redisAsyncConnect("127.0.0.1", place.port);
    if (!self->context || self->context->err) return 0;
    self->context->data = self;
    self->context->ev.data = self;
    self->context->ev.addRead = add_read;
    self->context->ev.delRead = delete_read;
    self->context->ev.addWrite = add_write;
    self->context->ev.delWrite = delete_write;
    redisAsyncSetDisconnectCallback(self->context, on_disconnect);
    return 1;
}

baseline_result baseline_run_asynchronous(
    baseline_place place, const baseline_command *commands, size_t count, size_t in_flight) {
    loop self = {.commands = commands, .count = count};
    baseline_result result = {0, 0, 0};
    if (!attach(&self, place)) {
        if (self.context) redisAsyncFree(self.context);
        return result;
    }
    redisAsyncCommand(self.context, on_reply, &self, "PING");  // connected, before the clock starts
    size_t all = self.count;
    self.count = 0;
    run_to(&self, 1);
    self.count = all;
    self.done = self.answered = 0;
    int64_t begin = read_clock(CLOCK_MONOTONIC), used = read_clock(CLOCK_THREAD_CPUTIME_ID);
    for (size_t i = 0; self.context && i < in_flight; i++) send_next(&self);
    if (self.context) run_to(&self, count);
    result.elapsed = read_clock(CLOCK_MONOTONIC) - begin;
    result.processor = read_clock(CLOCK_THREAD_CPUTIME_ID) - used;
    result.answered = self.answered;
    if (self.context) redisAsyncFree(self.context);
    return result;
}
