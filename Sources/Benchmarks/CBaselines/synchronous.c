// SPDX-License-Identifier: Apache-2.0
#include "CBaselines.h"

#include <hiredis/hiredis.h>
#include <time.h>

struct baseline_connection {
    redisContext context;
};

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

baseline_connection *baseline_open(baseline_place place) {
    redisContext *context = place.path ? redisConnectUnix(place.path) : redisConnect("127.0.0.1", place.port);
    if (context && context->err) {
        redisFree(context);
        return NULL;
    }
    return (baseline_connection *)context;
}

void baseline_close(baseline_connection *connection) { redisFree(&connection->context); }

static int is_answer(redisReply *reply) {
    int fine = reply && reply->type != REDIS_REPLY_ERROR;
    if (reply) freeReplyObject(reply);
    return fine;
}

size_t baseline_run_synchronous(
    baseline_connection *connection, const baseline_command *commands, size_t count, int64_t *spans) {
    size_t answered = 0;
    for (size_t i = 0; i < count; i++) {
        const baseline_command *command = &commands[i];
        int64_t begin = spans ? now() : 0;
        answered += is_answer(
            redisCommandArgv(&connection->context, command->count, (const char **)command->words, command->lengths));
        if (spans) spans[i] = now() - begin;
    }
    return answered;
}

size_t baseline_run_in_batches(
    baseline_connection *connection, const baseline_command *commands, size_t count, size_t depth) {
    size_t answered = 0;
    for (size_t i = 0; i < count; i += depth) {
        size_t end = i + depth < count ? i + depth : count;
        for (size_t j = i; j < end; j++) {
            redisAppendCommandArgv(
                &connection->context, commands[j].count, (const char **)commands[j].words, commands[j].lengths);
        }
        for (size_t j = i; j < end; j++) {
            void *reply = NULL;
            if (redisGetReply(&connection->context, &reply) != REDIS_OK) return answered;
            answered += is_answer(reply);
        }
    }
    return answered;
}
