#include "attest/base/rng.h"

#include <math.h>

#include <Random123/philox.h>
#if ATT_HAVE_SLEEF
#include <sleef.h>
#endif

#include "attest/base/subset.h"

static const double PI = 3.14159265358979323846;

struct att_stream att_stream(uint64_t seed, uint32_t tag, uint32_t step,
                             uint32_t item)
{
    return (struct att_stream){seed, tag, step, item};
}

/* The four words whose index / 4 is block. */
static philox4x32_ctr_t block_words(const struct att_stream *s, uint64_t block)
{
    const philox4x32_ctr_t counter = {
        {(uint32_t)block, s->item, s->step, s->tag}};
    const philox4x32_key_t key = {
        {(uint32_t)s->seed, (uint32_t)(s->seed >> 32)}};

    return philox4x32_R(10, counter, key);
}

uint32_t att_stream_word(const struct att_stream *s, uint64_t index)
{
    return block_words(s, index / 4).v[index % 4];
}

void att_stream_words(const struct att_stream *s, uint64_t first, size_t n,
                      uint32_t *out)
{
    size_t k = 0;

    while (k < n) {
        const uint64_t index = first + k;
        const philox4x32_ctr_t words = block_words(s, index / 4);

        for (uint64_t lane = index % 4; lane < 4 && k < n; lane++)
            out[k++] = words.v[lane];
    }
}

static double to_unit(uint32_t word)
{
    return ((double)word + 0.5) * 0x1p-32;
}

double att_stream_uniform(const struct att_stream *s, uint64_t index)
{
    return to_unit(att_stream_word(s, index));
}

uint32_t att_stream_below(const struct att_stream *s, uint64_t index,
                          uint32_t n)
{
    return (uint32_t)(((uint64_t)att_stream_word(s, index) * n) >> 32);
}

/* libm picks kernels by processor, and their last bits differ; SLEEF's
 * consistent functions have the same bits everywhere, alone and in vectors
 * (linalg/random.h draws many normals at once with these very bits). */
#if ATT_HAVE_SLEEF
#define LOG Sleef_cinz_logd1_u10purec
#define SIN Sleef_cinz_sind1_u10purec
#define COS Sleef_cinz_cosd1_u10purec
#else
#define LOG log
#define SIN sin
#define COS cos
#endif

/* Box-Muller on two words. */
static void normal_pair(uint32_t w0, uint32_t w1, double z[2])
{
    const double radius = sqrt(-2.0 * LOG(to_unit(w0)));
    const double angle = 2.0 * PI * to_unit(w1);

    z[0] = radius * COS(angle);
    z[1] = radius * SIN(angle);
}

double att_stream_normal(const struct att_stream *s, uint64_t index)
{
    const philox4x32_ctr_t words = block_words(s, index / 4);
    const size_t pair = (size_t)(index / 2 % 2);
    double z[2];

    normal_pair(words.v[2 * pair], words.v[2 * pair + 1], z);
    return z[index % 2];
}

void att_stream_normals(const struct att_stream *s, uint64_t first, size_t n,
                        double *out)
{
    size_t k = 0;

    while (k < n) {
        const uint64_t block = (first + k) / 4;
        const philox4x32_ctr_t words = block_words(s, block);
        double z[4];

        normal_pair(words.v[0], words.v[1], z);
        normal_pair(words.v[2], words.v[3], z + 2);
        for (uint64_t lane = (first + k) % 4; lane < 4 && k < n; lane++)
            out[k++] = z[lane];
    }
}

void att_stream_subset_of(const struct att_stream *s, uint32_t n, uint32_t q,
                          uint32_t *perm, uint32_t *out)
{
    /* out[j] is word j, then the place r it swaps with, then its element */
    att_stream_words(s, 0, q, out);
    for (uint32_t j = 0; j < q; j++) {
        const uint32_t r = j + (uint32_t)(((uint64_t)out[j] * (n - j)) >> 32);
        const uint32_t kept = perm[j];

        perm[j] = perm[r];
        perm[r] = kept;
        out[j] = r;
    }
    for (uint32_t j = q; j-- > 0;) {
        const uint32_t r = out[j];
        const uint32_t drawn = perm[j];

        perm[j] = perm[r];
        perm[r] = drawn;
        out[j] = drawn;
    }
    att_subset_sort(out, q);
}

void att_stream_shuffle(const struct att_stream *s, uint32_t *x, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        const uint32_t with = att_stream_below(s, i, (uint32_t)i);
        const uint32_t kept = x[i - 1];

        x[i - 1] = x[with];
        x[with] = kept;
    }
}

void att_stream_subset(const struct att_stream *s, uint32_t n, uint32_t q,
                       uint32_t *perm, uint32_t *out)
{
    for (uint32_t i = 0; i < n; i++)
        perm[i] = i;
    att_stream_subset_of(s, n, q, perm, out);
}
