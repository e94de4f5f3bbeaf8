// SPDX-License-Identifier: Apache-2.0
#ifndef CHIREDIS_SHIM_H
#define CHIREDIS_SHIM_H

// Hides what differs between hiredis 0.14 and 1.x: Swift code sees the functions below and the fields of redisReply
// that both have (integer, str, len, elements, element), and nothing else.

#include <hiredis/hiredis.h>
#include <stdlib.h>

// What a reply is. Kinds of RESP3, which only 1.x can read, are folded into those of RESP2.
enum {
    REPLY_KIND_NULL = 0,
    REPLY_KIND_INTEGER = 1,
    REPLY_KIND_STATUS = 2,
    REPLY_KIND_BULK = 3,
    REPLY_KIND_ARRAY = 4,
    REPLY_KIND_ERROR = 5,
    REPLY_KIND_UNKNOWN = 6
};

// The most elements of an array in a reply, and the deepest nesting of arrays. hiredis sets memory aside at an array's
// header, before its elements are there: 0.14 and 1.0.0 have no bound of their own for that.
typedef struct reader_bounds {
    // hiredis' own, except for arrays.
    redisReplyObjectFunctions functions;
    redisReplyObjectFunctions *original;
    const redisReader *reader;
    long long maximum_elements;
    int maximum_depth;
    // Whether an array was over a bound. hiredis says "out of memory" then.
    int is_exceeded;
} reader_bounds;

#if HIREDIS_MAJOR >= 1
typedef size_t reader_element_count;
#else
typedef int reader_element_count;
#endif

static inline void *reader_create_array(const redisReadTask *task, reader_element_count elements) {
    reader_bounds *bounds = (reader_bounds *)task->privdata;
    if ((unsigned long long)elements > (unsigned long long)bounds->maximum_elements
        || bounds->reader->ridx > bounds->maximum_depth) {
        bounds->is_exceeded = 1;
        return NULL;
    }
    return bounds->original->createArray(task, elements);
}

// A non-blocking context over a connected socket, which it owns from now on and closes when freed.
// NULL when memory is short; the socket is still the caller's then.
static inline redisContext *reader_open(int fd, long long maximum_elements, int maximum_depth) {
    reader_bounds *bounds = (reader_bounds *)calloc(1, sizeof(*bounds));
    redisContext *context = bounds == NULL ? NULL : redisConnectFd(fd);
    if (context == NULL) {
        free(bounds);
        return NULL;
    }
    // Both versions take a descriptor for a blocking one.
    context->flags &= ~REDIS_BLOCK;
    bounds->original = context->reader->fn;
    bounds->functions = *context->reader->fn;
    bounds->functions.createArray = reader_create_array;
    bounds->reader = context->reader;
    bounds->maximum_elements = maximum_elements;
    bounds->maximum_depth = maximum_depth;
    context->reader->fn = &bounds->functions;
    context->reader->privdata = bounds;
#if HIREDIS_MAJOR > 1 || (HIREDIS_MAJOR == 1 && (HIREDIS_MINOR > 0 || HIREDIS_PATCH >= 1))
    context->reader->maxelements = maximum_elements;
#endif
    return context;
}

// Closes the socket, and frees all that `reader_open` made.
static inline void reader_close(redisContext *context) {
    reader_bounds *bounds = (reader_bounds *)context->reader->privdata;
    // An unfinished reply is freed by the functions in it.
    redisFree(context);
    free(bounds);
}

// Whether the reader gave up at an array with too many elements, or nested too deep.
static inline int reader_is_exceeded(const redisContext *context) {
    return ((const reader_bounds *)context->reader->privdata)->is_exceeded;
}

// One read from the socket. How many bytes came (0: none for now), or -1: closed or failed, and the context says why.
static inline long reader_read(redisContext *context) {
    size_t before = context->reader->len;
    if (redisBufferRead(context) != REDIS_OK) return -1;
    return (long)(context->reader->len - before);
}

// Takes in bytes that were read elsewhere. 0, or -1: memory is short.
static inline int reader_feed(redisContext *context, const void *bytes, size_t count) {
    return redisReaderFeed(context->reader, (const char *)bytes, count) == REDIS_OK ? 0 : -1;
}

// The next whole reply, NULL when there is none yet. REDIS_OK, or REDIS_ERR when the bytes are no replies.
static inline int reader_next(redisContext *context, redisReply **reply) {
    void *next = NULL;
    int status = redisGetReplyFromReader(context, &next);
    *reply = (redisReply *)next;
    return status;
}

// How many arrays the unfinished reply is inside of. 1.x has no bound of its own.
static inline int reader_depth(const redisContext *context) { return context->reader->ridx; }

// Whether the server ended the connection in order, rather than by a failure.
static inline int reader_is_end_of_file(const redisContext *context) {
    return context->err == REDIS_ERR_EOF;
}

static inline const char *reader_error(const redisContext *context) { return context->errstr; }

static inline int reader_kind(const redisReply *reply) {
    switch (reply->type) {
    case REDIS_REPLY_NIL: return REPLY_KIND_NULL;
    case REDIS_REPLY_INTEGER: return REPLY_KIND_INTEGER;
    case REDIS_REPLY_STATUS: return REPLY_KIND_STATUS;
    case REDIS_REPLY_STRING: return REPLY_KIND_BULK;
    case REDIS_REPLY_ARRAY: return REPLY_KIND_ARRAY;
    case REDIS_REPLY_ERROR: return REPLY_KIND_ERROR;
#ifdef REDIS_REPLY_DOUBLE
    case REDIS_REPLY_BOOL: return REPLY_KIND_INTEGER;
    case REDIS_REPLY_DOUBLE: return REPLY_KIND_BULK;
#endif
#ifdef REDIS_REPLY_BIGNUM
    case REDIS_REPLY_BIGNUM: return REPLY_KIND_BULK;
#endif
#ifdef REDIS_REPLY_VERB
    case REDIS_REPLY_VERB: return REPLY_KIND_BULK;
#endif
#ifdef REDIS_REPLY_MAP
    case REDIS_REPLY_MAP: return REPLY_KIND_ARRAY;
    case REDIS_REPLY_SET: return REPLY_KIND_ARRAY;
#endif
#ifdef REDIS_REPLY_ATTR
    case REDIS_REPLY_ATTR: return REPLY_KIND_ARRAY;
#endif
#ifdef REDIS_REPLY_PUSH
    case REDIS_REPLY_PUSH: return REPLY_KIND_ARRAY;
#endif
    default: return REPLY_KIND_UNKNOWN;
    }
}

#endif
