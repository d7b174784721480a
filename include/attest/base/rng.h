/* rng.h - random numbers as pure functions of an address.
 *
 * A stream is (64-bit seed, tag, step, item); its words are addressed by
 * index, so nothing depends on who draws, when, or in which order:
 *
 *   word w = philox4x32-10(key = seed lo, hi;
 *                          counter = w / 4, item, step, tag)[w mod 4]
 *
 * Normals come in pairs (Box-Muller): pair p uses words 2p and 2p + 1 with
 * U = (word + 0.5) / 2^32,
 *   z[2p] = sqrt(-2 ln U0) cos(2 pi U1),  z[2p+1] = sqrt(-2 ln U0) sin(...).
 *
 * Source: Salmon et al. 2011 (Random123); addresses as attest defines them in
 * docs/architecture.md.  All functions are pure and reentrant. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct att_stream {
    uint64_t seed;
    uint32_t tag, step, item;
};

struct att_stream att_stream(uint64_t seed, uint32_t tag, uint32_t step,
                             uint32_t item);

uint32_t att_stream_word(const struct att_stream *s, uint64_t index);
/* out[k] = word first + k for k < n. */
void att_stream_words(const struct att_stream *s, uint64_t first, size_t n,
                      uint32_t *out);
/* (word index + 0.5) / 2^32, in (0, 1). */
double att_stream_uniform(const struct att_stream *s, uint64_t index);
/* Uniform integer in 0 .. n-1 from word index: (word * n) >> 32. */
uint32_t att_stream_below(const struct att_stream *s, uint64_t index,
                          uint32_t n);
double att_stream_normal(const struct att_stream *s, uint64_t index);
/* out[k] = normal first + k for k < n; same bits as att_stream_normal. */
void att_stream_normals(const struct att_stream *s, uint64_t first, size_t n,
                        double *out);
/* A uniform q-subset of 0 .. n-1 from words 0 .. q-1 (partial Fisher-Yates):
 * perm has n entries (scratch); out[0..q) is sorted ascending. */
void att_stream_subset(const struct att_stream *s, uint32_t n, uint32_t q,
                       uint32_t *perm, uint32_t *out);
/* The same for many draws: perm holds 0 .. n-1 on entry and on return, so that
 * a draw costs q operations and not n. */
void att_stream_subset_of(const struct att_stream *s, uint32_t n, uint32_t q,
                          uint32_t *perm, uint32_t *out);

/* A uniform order of x [n], n < 2^32: for i = n, ..., 2 entry i - 1 changes
 * places with the one that word i draws among the first i. */
void att_stream_shuffle(const struct att_stream *s, uint32_t *x, size_t n);
