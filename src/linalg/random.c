/* random.c - words by whole blocks, normals by whole chunks of pairs. */
#include "attest/linalg/random.h"

#include <math.h>
#include <string.h>

#include "attest/linalg/cpu.h"
#include "attest/linalg/vector.h"
#include "random_priv.h"

/* Words, or normals, that stay in the cache: whole groups of vectors in every
 * instruction set. */
enum { CHUNK = 640 };

static void draw_blocks(const struct att_stream *s, uint64_t first, size_t n,
                        uint32_t *out)
{
#ifdef __x86_64__
    static att_blocks_fn *const TABLE[ATT_ISAS] = {
        [ATT_ISA_PORTABLE] = att_blocks_portable,
        [ATT_ISA_AVX2] = att_blocks_avx2,
        [ATT_ISA_AVX512] = att_blocks_avx512,
    };

    TABLE[att_isa_used()](s, first, n, out);
#else
    att_blocks_portable(s, first, n, out);
#endif
}

/* Up to the next whole block, whole blocks, the rest. */
void att_draw_words(const struct att_stream *s, uint64_t first, size_t n,
                    uint32_t *out)
{
    const size_t head = (size_t)(-first % 4);
    const size_t lead = head < n ? head : n;
    const size_t n_blocks = (n - lead) / 4;
    const size_t done = lead + 4 * n_blocks;

    att_stream_words(s, first, lead, out);
    draw_blocks(s, (first + lead) / 4, n_blocks, out + lead);
    att_stream_words(s, first + done, n - done, out + done);
}

void att_draw_uniforms(const struct att_stream *s, uint64_t first, size_t n,
                       double *out)
{
    uint32_t word[CHUNK];

    for (size_t done = 0; done < n; done += CHUNK) {
        const size_t m = n - done < CHUNK ? n - done : CHUNK;

        att_draw_words(s, first + done, m, word);
        for (size_t k = 0; k < m; k++)
            out[done + k] = ((double)word[k] + 0.5) * 0x1p-32;
    }
}

/* n <= CHUNK normals from an even index on; n is even. */
static void draw_pairs(const struct att_stream *s, uint64_t first, size_t n,
                       double *out)
{
    static const double PI = 3.14159265358979323846;
    double u[CHUNK];
    double radius[CHUNK / 2];
    double angle[CHUNK / 2];
    double wave[CHUNK / 2];

    att_draw_uniforms(s, first, n, u);
    for (size_t k = 0; k < n / 2; k++) {
        radius[k] = u[2 * k];
        angle[k] = 2.0 * PI * u[2 * k + 1];
    }
    att_vlog(n / 2, radius, radius);
    for (size_t k = 0; k < n / 2; k++)
        radius[k] = sqrt(-2.0 * radius[k]);
    att_vcos(n / 2, angle, wave);
    for (size_t k = 0; k < n / 2; k++)
        out[2 * k] = radius[k] * wave[k];
    att_vsin(n / 2, angle, wave);
    for (size_t k = 0; k < n / 2; k++)
        out[2 * k + 1] = radius[k] * wave[k];
}

void att_draw_normals(const struct att_stream *s, uint64_t first, size_t n,
                      double *out)
{
    size_t done = 0;

    if (first % 2 != 0 && n > 0)
        out[done++] = att_stream_normal(s, first);
    while (n - done >= 2) {
        const size_t left = n - done;
        const size_t m = left < CHUNK ? left - left % 2 : CHUNK;

        draw_pairs(s, first + done, m, out + done);
        done += m;
    }
    if (done < n)
        out[done] = att_stream_normal(s, first + done);
}

void att_draw_normalsf(const struct att_stream *s, uint64_t first, size_t n,
                       float *out)
{
    double z[CHUNK] = {0};

    for (size_t done = 0; done < n; done += CHUNK) {
        const size_t m = n - done < CHUNK ? n - done : CHUNK;

        att_draw_normals(s, first + done, m, z);
        for (size_t k = 0; k < m; k++)
            out[done + k] = (float)z[k];
    }
}

/* ---- single precision ------------------------------------------------------ */

static void make_pairs(size_t n, const uint32_t *word, float *out)
{
#ifdef __x86_64__
    static att_pairs_fn *const TABLE[ATT_ISAS] = {
        [ATT_ISA_PORTABLE] = att_pairs_portable,
        [ATT_ISA_AVX2] = att_pairs_avx2,
        [ATT_ISA_AVX512] = att_pairs_avx512,
    };

    TABLE[att_isa_used()](n, word, out);
#else
    att_pairs_portable(n, word, out);
#endif
}

/* As draw_pairs. */
static void draw_pairs_single(const struct att_stream *s, uint64_t first,
                              size_t n, float *out)
{
    uint32_t word[CHUNK] __attribute__((aligned(64)));

    att_draw_words(s, first, n, word);
    make_pairs(n / 2, word, out);
}

/* One normal at any index: its pair is drawn. */
static float normal_single(const struct att_stream *s, uint64_t index)
{
    float pair[2];

    draw_pairs_single(s, index - index % 2, 2, pair);
    return pair[index % 2];
}

void att_draw_normals_single(const struct att_stream *s, uint64_t first,
                             size_t n, float *out)
{
    size_t done = 0;

    if (first % 2 != 0 && n > 0)
        out[done++] = normal_single(s, first);
    while (n - done >= 2) {
        const size_t left = n - done;
        const size_t m = left < CHUNK ? left - left % 2 : CHUNK;

        draw_pairs_single(s, first + done, m, out + done);
        done += m;
    }
    if (done < n)
        out[done] = normal_single(s, first + done);
}
