/* tensor.h - named, typed, shaped arrays, and bundles of them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/arena.h"
#include "attest/base/status.h"

enum att_dtype { ATT_F64, ATT_F32, ATT_I64, ATT_U8 };

enum { ATT_TENSOR_RANK = 4 };

struct att_tensor {
    const char *name; /* "W", "tokens"; unique in its bundle */
    enum att_dtype dtype;
    uint32_t rank;                   /* 0 (scalar) .. ATT_TENSOR_RANK */
    uint64_t shape[ATT_TENSOR_RANK]; /* row-major */
    void *data;                      /* att_tensor_count elements */
};

/* A growing list of tensors in one arena.  A failed allocation is remembered
 * by the arena (att_arena_refused): adders return NULL data then. */
struct att_bundle {
    struct att_arena *arena;
    struct att_tensor *tensor; /* n */
    size_t n, capacity;
};

void att_bundle_init(struct att_bundle *b, struct att_arena *arena);

/* Append a zero-filled tensor; name is copied.  Returns its data (typed by
 * dtype), NULL when out of memory.  shape has rank entries. */
void *att_bundle_add(struct att_bundle *b, const char *name,
                     enum att_dtype dtype, uint32_t rank,
                     const uint64_t *shape);
/* Shorthands: a copy of a [rows, cols] matrix; of a vector; a scalar. */
void att_bundle_f64(struct att_bundle *b, const char *name, const double *x,
                    uint64_t rows, uint64_t cols);
void att_bundle_vector(struct att_bundle *b, const char *name, const double *x,
                       uint64_t n);
void att_bundle_i64(struct att_bundle *b, const char *name, const int64_t *x,
                    uint64_t n);
void att_bundle_scalar(struct att_bundle *b, const char *name, double x);

/* NULL when there is none of that name. */
const struct att_tensor *att_bundle_find(const struct att_bundle *b,
                                         const char *name);
uint64_t att_tensor_count(const struct att_tensor *t); /* elements */
size_t att_dtype_bytes(enum att_dtype dtype);
/* Element i (row-major) as a double; an I64 beyond 2^53 is rounded. */
double att_tensor_get(const struct att_tensor *t, uint64_t i);
