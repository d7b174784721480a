/* random.h - long runs of random numbers, the very bits of base/rng.h.
 *
 * att_stream_words and att_stream_normals draw block by block and pair by
 * pair; these draw many blocks at a time in the vectors of the instruction set
 * in use, and logarithm, sine and cosine of many pairs at once.  Families that
 * draw matrices use these, everybody else base/rng.h. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/rng.h"

/* As att_stream_words. */
void att_draw_words(const struct att_stream *s, uint64_t first, size_t n,
                    uint32_t *out);

/* As att_stream_uniform of first .. first + n - 1. */
void att_draw_uniforms(const struct att_stream *s, uint64_t first, size_t n,
                       double *out);

/* As att_stream_normals; the float version rounds each of them once. */
void att_draw_normals(const struct att_stream *s, uint64_t first, size_t n,
                      double *out);
void att_draw_normalsf(const struct att_stream *s, uint64_t first, size_t n,
                       float *out);

/* Normals of the same words in single precision from the start: twice the
 * numbers a register and single logarithms and waves.  Another arithmetic:
 * 1e-6 from the double ones in the mean, and up to 4e-4 where the radius is
 * near 0 (1 - U is then a few units of the last place); the same bits in
 * every instruction set. */
void att_draw_normals_single(const struct att_stream *s, uint64_t first,
                             size_t n, float *out);
