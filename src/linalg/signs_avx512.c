/* signs_avx512.c - products with signs: a permutation looks up the sums of all
 * lanes at once (compiled for AVX-512).
 *
 * A product takes four signs of a row (apply) or of a column (combine) as the
 * number of one of 16 sums of four terms, which stand in one register or two.
 * Look-ups count only the lowest bits of a lane: the next four signs are there
 * after one shift. */
#include "signs_priv.h"

#include <immintrin.h>
#include <string.h>

typedef uint32_t bitsf __attribute__((vector_size(64)));
typedef uint64_t bits __attribute__((vector_size(64)));

/* ---- signs ----------------------------------------------------------------------- */

/* As four_rows, where rows or words are missing. */
static __attribute__((noinline)) __m512i last_rows(const struct att_signs *s,
                                                   size_t i, size_t w)
{
    const long long stride = (long long)s->stride;
    const size_t rows = s->n - i;
    const unsigned there = rows < 4 ? (1U << 2 * rows) - 1 : 0xffU;
    const unsigned columns = s->stride - w > 1 ? 0xffU : 0x55U;

    return _mm512_mask_i64gather_epi64(
        _mm512_setzero_si512(), (__mmask8)(there & columns),
        _mm512_setr_epi64(0, 1, stride, stride + 1, 2 * stride, 2 * stride + 1,
                          3 * stride, 3 * stride + 1),
        s->word + i * s->stride + w, 8);
}

/* Rows i .. i+3 of 128 columns from word w on, one row behind the other;
 * zeros beyond the matrix. */
static inline __m512i four_rows(const struct att_signs *s, size_t i, size_t w)
{
    const size_t stride = s->stride;
    const uint64_t *word = s->word + i * stride + w;

    if (i + 4 > s->n)
        return i < s->n ? last_rows(s, i, w) : _mm512_setzero_si512();
    if (stride == 2)
        return _mm512_loadu_si512(word);
    if (stride == 1)
        return _mm512_maskz_expandloadu_epi64(0x55, word);
    if (stride - w < 2)
        return last_rows(s, i, w);
    __m512i x = _mm512_castsi128_si512(_mm_loadu_si128((const void *)word));

    x = _mm512_inserti32x4(x, _mm_loadu_si128((const void *)(word + stride)),
                           1);
    x = _mm512_inserti32x4(
        x, _mm_loadu_si128((const void *)(word + 2 * stride)), 2);
    return _mm512_inserti32x4(
        x, _mm_loadu_si128((const void *)(word + 3 * stride)), 3);
}

/* 32-bit words of 128 columns: word k of lane l is that of row i + l.  Those
 * of 8 rows fill the lower halves of 64-bit lanes. */
static inline void lane_words(const struct att_signs *s, size_t i, size_t w,
                              bits out[4])
{
    const bits a = (bits)four_rows(s, i, w);
    const bits b = (bits)four_rows(s, i + 4, w);

    out[0] = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
    out[1] = out[0] >> 32;
    out[2] = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
    out[3] = out[2] >> 32;
}

static inline void lane_wordsf(const struct att_signs *s, size_t i, size_t w,
                               bitsf out[4])
{
    bitsf row[4], half[4];

    for (size_t k = 0; k < 4; k++)
        row[k] = (bitsf)four_rows(s, i + 4 * k, w);
    for (size_t k = 0; k < 2; k++) {
        half[k] =
            __builtin_shufflevector(row[2 * k], row[2 * k + 1], 0, 4, 8, 12, 16,
                                    20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
        half[2 + k] = __builtin_shufflevector(row[2 * k], row[2 * k + 1], 2, 6,
                                              10, 14, 18, 22, 26, 30, 3, 7, 11,
                                              15, 19, 23, 27, 31);
    }
    for (size_t k = 0; k < 4; k += 2) {
        out[k] = __builtin_shufflevector(half[k], half[k + 1], 0, 1, 2, 3, 4, 5,
                                         6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
        out[k + 1] =
            __builtin_shufflevector(half[k], half[k + 1], 8, 9, 10, 11, 12, 13,
                                    14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    }
}

/* One step of a transposition of bits: what stays, and what comes from the
 * other row after a rotation by `left`. */
static inline bitsf exchange(bitsf x, bitsf other, bitsf left, bitsf stays)
{
    const bitsf come = (bitsf)_mm512_rolv_epi32((__m512i)other, (__m512i)left);

    return (x & stays) | (come & ~stays);
}

#define BY_ROW(a, b, c, d)                                                     \
    {                                                                          \
        a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d                         \
    }

/* Rows i .. i+3 of 128 columns so that bits 4 m .. 4 m + 3 of lane 4 k + r are
 * those of the four rows in column 32 k + 4 m + r. */
static inline bitsf column_bitsf(const struct att_signs *s, size_t i, size_t w)
{
    const uint32_t even = 0x55555555, low = 0x33333333;
    const bitsf rows = (bitsf)four_rows(s, i, w);
    const bitsf x = __builtin_shufflevector(rows, rows, 0, 4, 8, 12, 1, 5, 9,
                                            13, 2, 6, 10, 14, 3, 7, 11, 15);
    const bitsf y = exchange(
        x, (bitsf)_mm512_shuffle_epi32((__m512i)x, _MM_PERM_CDAB),
        (bitsf)BY_ROW(1, 31, 1, 31), (bitsf)BY_ROW(even, ~even, even, ~even));

    return exchange(y, (bitsf)_mm512_shuffle_epi32((__m512i)y, _MM_PERM_BADC),
                    (bitsf)BY_ROW(2, 2, 30, 30),
                    (bitsf)BY_ROW(low, low, ~low, ~low));
}

/* The same of 64 columns. */
static inline bits column_bits(const struct att_signs *s, size_t i, size_t w)
{
    const __m512i both = (__m512i)column_bitsf(s, i, w - w % 2);

    return (bits)_mm512_cvtepu32_epi64(
        w % 2 == 0 ? _mm512_castsi512_si256(both)
                   : _mm512_extracti64x4_epi64(both, 1));
}

/* ---- numbers --------------------------------------------------------------------- */

typedef double vec __attribute__((vector_size(64)));
typedef float vecf __attribute__((vector_size(64)));

/* Sixteen sums. */
struct table {
    vec part[2];
};
struct tablef {
    vecf part[1];
};

static inline vec look_up(const struct table *t, bits at)
{
    return (vec)_mm512_permutex2var_pd((__m512d)t->part[0], (__m512i)at,
                                       (__m512d)t->part[1]);
}

static inline vecf look_upf(const struct tablef *t, bitsf at)
{
    return (vecf)_mm512_permutexvar_ps((__m512i)at, (__m512)t->part[0]);
}

/* sum + a sign, rounded once: the product is exact. */
static inline vec add_signed(vec sum, double a, vec sign)
{
    return (vec)_mm512_fmadd_pd(_mm512_set1_pd(a), (__m512d)sign, (__m512d)sum);
}

static inline vecf add_signedf(vecf sum, float a, vecf sign)
{
    return (vecf)_mm512_fmadd_ps(_mm512_set1_ps(a), (__m512)sign, (__m512)sum);
}

/* a in the lanes of the set bits, -a in the others. */
static inline vec signed_by(uint64_t set, double a)
{
    return (vec)_mm512_mask_blend_pd((__mmask8)set, _mm512_set1_pd(-a),
                                     _mm512_set1_pd(a));
}

static inline vecf signed_byf(uint64_t set, float a)
{
    return (vecf)_mm512_mask_blend_ps((__mmask16)set, _mm512_set1_ps(-a),
                                      _mm512_set1_ps(a));
}

/* The first n numbers of x, zeros for the others; and back. */
static inline vec load(const double *x, size_t n)
{
    return (vec)_mm512_maskz_loadu_pd((__mmask8)(n < 8 ? (1U << n) - 1 : 0xff),
                                      x);
}

static inline vecf loadf(const float *x, size_t n)
{
    return (vecf)_mm512_maskz_loadu_ps(
        (__mmask16)(n < 16 ? (1U << n) - 1 : 0xffff), x);
}

static inline void store(double *x, size_t n, vec value)
{
    _mm512_mask_storeu_pd(x, (__mmask8)(n < 8 ? (1U << n) - 1 : 0xff),
                          (__m512d)value);
}

static inline void storef(float *x, size_t n, vecf value)
{
    _mm512_mask_storeu_ps(x, (__mmask16)(n < 16 ? (1U << n) - 1 : 0xffff),
                          (__m512)value);
}

/* Columns 4 m .. 4 m + 3 of run k are lanes 4 k .. 4 k + 3 of x[m]: put them in
 * their order. */
static inline void put_columns(const vec x[8], double *out)
{
    for (size_t m = 0; m < 8; m += 2) {
        const vec even =
            __builtin_shufflevector(x[m], x[m + 1], 0, 1, 2, 3, 8, 9, 10, 11);
        const vec odd =
            __builtin_shufflevector(x[m], x[m + 1], 4, 5, 6, 7, 12, 13, 14, 15);

        memcpy(out + 4 * m, &even, sizeof even);
        memcpy(out + 32 + 4 * m, &odd, sizeof odd);
    }
}

static inline void put_columnsf(const vecf x[8], float *out)
{
    for (size_t m = 0; m < 8; m += 4) {
        vecf half[4];

        for (size_t k = 0; k < 2; k++) {
            half[k] = __builtin_shufflevector(x[m + 2 * k], x[m + 2 * k + 1], 0,
                                              1, 2, 3, 16, 17, 18, 19, 4, 5, 6,
                                              7, 20, 21, 22, 23);
            half[2 + k] = __builtin_shufflevector(
                x[m + 2 * k], x[m + 2 * k + 1], 8, 9, 10, 11, 24, 25, 26, 27,
                12, 13, 14, 15, 28, 29, 30, 31);
        }
        for (size_t k = 0; k < 4; k += 2) {
            const vecf even =
                __builtin_shufflevector(half[k], half[k + 1], 0, 1, 2, 3, 4, 5,
                                        6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
            const vecf odd = __builtin_shufflevector(
                half[k], half[k + 1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26,
                27, 28, 29, 30, 31);

            memcpy(out + 32 * k + 4 * m, &even, sizeof even);
            memcpy(out + 32 * (k + 1) + 4 * m, &odd, sizeof odd);
        }
    }
}

/* ---- the products ---------------------------------------------------------------- */

#define REAL    double
#define LANES   8
#define NAME(x) x
#include "signs_lookup.inc"
#undef REAL
#undef LANES
#undef NAME
#define REAL    float
#define LANES   16
#define NAME(x) x##f
#include "signs_kernels.inc"
#include "signs_lookup.inc"

const struct att_signs_kernels att_signs_avx512 = SIGNS_KERNELS;
