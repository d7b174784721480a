/* matrix.h - views of dense matrices.  A view owns nothing and is passed by
 * value; row i starts at data + i * stride. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/arena.h"

struct att_mat {
    double *data; /* [rows, cols] row-major */
    size_t rows, cols;
    size_t stride; /* >= cols, in elements */
};

struct att_matf {
    float *data;
    size_t rows, cols;
    size_t stride;
};

/* Zero-filled, stride = cols; data == NULL when the arena refused. */
struct att_mat att_mat_new(struct att_arena *arena, size_t rows, size_t cols);
struct att_matf att_matf_new(struct att_arena *arena, size_t rows, size_t cols);

static inline double *att_mat_row(struct att_mat m, size_t i)
{
    return m.data + i * m.stride;
}

static inline float *att_matf_row(struct att_matf m, size_t i)
{
    return m.data + i * m.stride;
}

/* Views [rows, cols] of numbers that will only be read: functions that do not
 * write into a matrix take the same type. */
static inline struct att_mat att_mat_view(const double *data, size_t rows,
                                          size_t cols)
{
    const union {
        const double *in;
        double *out;
    } at = {data};

    return (struct att_mat){at.out, rows, cols, cols};
}

static inline struct att_matf att_matf_view(const float *data, size_t rows,
                                            size_t cols)
{
    const union {
        const float *in;
        float *out;
    } at = {data};

    return (struct att_matf){at.out, rows, cols, cols};
}
