/* selection_codes.c - position encodings of every law. */
#include <string.h>

#include "attest/base/text.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/random.h"
#include "attest/linalg/vector.h"
#include "selection_model_priv.h"

const char *const att_sel_pe_name[SEL_PES + 1] = {
    [SEL_SPE] = "spe",
    [SEL_SPE_STEP] = "spe_step",
    [SEL_SPE_GAUSS] = "spe_gauss",
    [SEL_FIXED] = "fixed",
    [SEL_ONEHOT] = "onehot",
    [SEL_SINUSOID] = "sinusoid",
    [SEL_POOL] = "pool",
};

const char *const att_sel_query_name[SEL_QUERIES + 1] = {
    [SEL_DUAL] = "dual",
    [SEL_SUM] = "sum",
    [SEL_MEAN] = "mean",
};

enum sel_pe att_sel_pe(const char *name)
{
    return (enum sel_pe)att_text_choice(name, att_sel_pe_name);
}

enum sel_query att_sel_query(const char *name)
{
    return (enum sel_query)att_text_choice(name, att_sel_query_name);
}

bool att_sel_is_signs(enum sel_pe pe)
{
    return pe == SEL_SPE || pe == SEL_SPE_STEP || pe == SEL_FIXED ||
           pe == SEL_POOL;
}

bool att_sel_is_own(enum sel_pe pe)
{
    return pe == SEL_SPE || pe == SEL_SPE_GAUSS || pe == SEL_POOL;
}

/* ---- room --------------------------------------------------------------------- */

/* Words of a row. */
static size_t words_of(size_t de)
{
    return (de + 63) / 64;
}

att_status att_sel_codes_new(const struct sel_law *law, size_t n,
                             struct att_arena *arena, struct sel_codes *out,
                             struct att_error *err)
{
    const size_t de = law->de;
    struct sel_codes c = {.de = de, .scale = 1.0, .capacity = n};

    if (att_sel_is_signs(law->pe)) {
        c.scale = 1.0 / sqrt((double)de);
        c.word = ATT_NEW(arena, uint64_t, n * words_of(de));
        c.raw = ATT_NEW(arena, uint32_t, (n * de + 31) / 32 + 6);
        c.taken = ATT_NEW(arena, uint64_t, law->pool / 64 + 1);
    } else {
        c.dense = ATT_NEW(arena, double, n *de);
        c.single = ATT_NEW(arena, float, n *de);
    }
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "the encodings", err);
    *out = c;
    return ATT_OK;
}

double att_sel_codes_bytes(enum sel_pe pe, double n, double de)
{
    if (att_sel_is_signs(pe)) {
        return n * (8.0 * ceil(de / 64.0) + de / 8.0) + 256.0 +
               (pe == SEL_POOL ? SEL_LARGEST_POOL / 8.0 : 0.0);
    }
    return 12.0 * n * de + 256.0;
}

/* ---- drawing ------------------------------------------------------------------- */

/* 64 bits of raw from bit `at` on. */
static uint64_t bits_at(const uint32_t *raw, size_t at)
{
    const uint32_t *w = raw + at / 32;
    const uint64_t low = w[0] | (uint64_t)w[1] << 32;
    const size_t shift = at % 32;

    return shift == 0 ? low : low >> shift | (uint64_t)w[2] << (64 - shift);
}

/* The 32-bit words 2 w and 2 w + 1, the lower half first, make word w. */
static void join_words(size_t n, const uint32_t *raw, uint64_t *word)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(word, raw, n * sizeof *word);
#else
    for (size_t w = 0; w < n; w++)
        word[w] = raw[2 * w] | (uint64_t)raw[2 * w + 1] << 32;
#endif
}

/* Bit i de + j of the stream is the sign of coordinate j of encoding i. */
static void draw_signs(const struct att_stream *s, size_t n,
                       struct sel_codes *c)
{
    const size_t words = words_of(c->de);
    const uint64_t last = (UINT64_C(1) << (c->de % 64)) - 1;
    const size_t n_raw = (n * c->de + 31) / 32;

    att_draw_words(s, 0, n_raw, c->raw);
    c->signs = (struct att_signs){c->word, n, c->de, words};
    if (c->de % 64 == 0) { /* rows begin where words do */
        join_words(n * words, c->raw, c->word);
        return;
    }
    memset(c->raw + n_raw, 0, 4 * sizeof *c->raw);
    for (size_t i = 0; i < n; i++) {
        uint64_t *row = c->word + i * words;

        for (size_t w = 0; w < words; w++)
            row[w] = bits_at(c->raw, i * c->de + 64 * w);
        row[words - 1] &= last;
    }
}

/* The next place of the pool that is not taken yet; *word is the first word of
 * the stream that was not read. */
static uint32_t take_place(const struct att_stream *s, uint32_t pool,
                           uint64_t *taken, uint64_t *word)
{
    for (;;) {
        const uint32_t at = att_stream_below(s, (*word)++, pool);
        const uint64_t bit = UINT64_C(1) << (at % 64);

        if ((taken[at / 64] & bit) == 0) {
            taken[at / 64] |= bit;
            return at;
        }
    }
}

/* Row `to` of c becomes row `at` of the stream of signs. */
static void copy_signs(const struct att_stream *s, uint64_t at, size_t to,
                       struct sel_codes *c)
{
    const size_t words = words_of(c->de);
    const uint64_t first = at * c->de;
    const size_t shift = first % 32;
    const size_t n_raw = (shift + c->de + 31) / 32;
    uint64_t *row = c->word + to * words;

    att_draw_words(s, first / 32, n_raw, c->raw);
    memset(c->raw + n_raw, 0, 3 * sizeof *c->raw);
    for (size_t w = 0; w < words; w++)
        row[w] = bits_at(c->raw, shift + 64 * w);
    if (c->de % 64 != 0)
        row[words - 1] &= (UINT64_C(1) << (c->de % 64)) - 1;
}

/* n of the pool's encodings: a longer sample gets those of a shorter one, and
 * more. */
static void draw_from_pool(const struct sel_law *law,
                           const struct att_stream *places, size_t n,
                           struct sel_codes *c)
{
    const struct att_stream pool =
        att_stream(law->seed, ATT_SEL_TAG_EFIX, 0, 0);
    uint64_t word = 0;

    memset(c->taken, 0, (law->pool / 64 + 1) * sizeof *c->taken);
    c->signs = (struct att_signs){c->word, n, c->de, words_of(c->de)};
    for (size_t i = 0; i < n; i++) {
        copy_signs(&pool,
                   take_place(places, (uint32_t)law->pool, c->taken, &word), i,
                   c);
    }
}

static void draw_normals(const struct att_stream *s, size_t n,
                         struct sel_codes *c)
{
    const double scale = 1.0 / sqrt((double)c->de);

    att_draw_normals(s, 0, n * c->de, c->dense);
    for (size_t k = 0; k < n * c->de; k++)
        c->dense[k] *= scale;
}

static void make_unit_vectors(size_t n, struct sel_codes *c)
{
    memset(c->dense, 0, n * c->de * sizeof *c->dense);
    for (size_t i = 0; i < n && i < c->de; i++)
        c->dense[i * c->de + i] = 1.0;
}

static void make_waves(size_t n, struct sel_codes *c)
{
    const size_t pairs = c->de / 2;
    const double scale = 1.0 / sqrt((double)pairs);

    memset(c->dense, 0, n * c->de * sizeof *c->dense);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < pairs; k++) {
            const double angle =
                (double)i * pow(1e4, -2.0 * (double)k / (double)c->de);

            c->dense[i * c->de + 2 * k] = scale * sin(angle);
            c->dense[i * c->de + 2 * k + 1] = scale * cos(angle);
        }
    }
}

void att_sel_codes_draw(const struct sel_law *law, uint32_t step, uint32_t item,
                        uint32_t attempt, size_t n, struct sel_codes *codes)
{
    const bool once = law->pe == SEL_FIXED;
    const uint32_t tag = law->pe == SEL_POOL ? ATT_SEL_TAG_POOL
                         : once              ? ATT_SEL_TAG_EFIX
                                             : ATT_SEL_TAG_E;
    const struct att_stream s =
        att_stream(law->seed, tag + 256 * attempt, once ? 0 : step,
                   att_sel_is_own(law->pe) ? item : 0);

    codes->n = n;
    if (law->pe == SEL_POOL) {
        draw_from_pool(law, &s, n, codes);
        return;
    }
    if (att_sel_is_signs(law->pe)) {
        draw_signs(&s, n, codes);
        return;
    }
    if (law->pe == SEL_SPE_GAUSS) {
        draw_normals(&s, n, codes);
    } else if (law->pe == SEL_ONEHOT) {
        make_unit_vectors(n, codes);
    } else {
        make_waves(n, codes);
    }
    for (size_t k = 0; k < n * codes->de; k++)
        codes->single[k] = (float)codes->dense[k];
}

/* ---- products --------------------------------------------------------------------- */

double att_sel_codes_dot(const struct sel_codes *codes, size_t i, size_t j)
{
    const size_t de = codes->de;

    if (codes->word == NULL)
        return att_dot(de, codes->dense + i * de, codes->dense + j * de);
    return (double)att_signs_dot(&codes->signs, i, j) / (double)de;
}

/* out[j] = +- scale by bit j. */
static void spread(const uint64_t *word, size_t de, double scale, double *out)
{
    for (size_t j = 0; j < de; j++)
        out[j] = (word[j / 64] >> (j % 64) & 1) != 0 ? scale : -scale;
}

void att_sel_codes_row(const struct sel_codes *codes, size_t i, double *out)
{
    if (codes->word == NULL) {
        memcpy(out, codes->dense + i * codes->de, codes->de * sizeof *out);
        return;
    }
    spread(codes->signs.word + i * codes->signs.stride, codes->de, codes->scale,
           out);
}

void att_sel_codes_all(const struct sel_codes *codes, struct att_mat out)
{
    if (codes->word == NULL) {
        memcpy(out.data, codes->dense,
               codes->n * codes->de * sizeof *codes->dense);
    } else {
        att_signs_spread(&codes->signs, codes->scale, out.data);
    }
}

void att_sel_codes_allf(const struct sel_codes *codes, struct att_matf out)
{
    if (codes->word == NULL) {
        memcpy(out.data, codes->single,
               codes->n * codes->de * sizeof *codes->single);
    } else {
        att_signs_spreadf(&codes->signs, (float)codes->scale, out.data);
    }
}

void att_sel_codes_apply(const struct sel_codes *codes, const double *p,
                         double *out)
{
    if (codes->word == NULL) {
        att_gemv(att_mat_view(codes->dense, codes->n, codes->de), false, p, 0.0,
                 out);
        return;
    }
    att_signs_apply(&codes->signs, codes->scale, p, out);
}

void att_sel_codes_combine(const struct sel_codes *codes, const double *c,
                           double *out)
{
    if (codes->word == NULL) {
        att_gemv(att_mat_view(codes->dense, codes->n, codes->de), true, c, 0.0,
                 out);
        return;
    }
    att_signs_combine(&codes->signs, codes->scale, c, out);
}

void att_sel_codes_applyf(const struct sel_codes *codes, const float *p,
                          float *out)
{
    if (codes->word == NULL) {
        att_gemvf(att_matf_view(codes->single, codes->n, codes->de), false, p,
                  0.0F, out);
        return;
    }
    att_signs_applyf(&codes->signs, (float)codes->scale, p, out);
}

void att_sel_codes_combinef(const struct sel_codes *codes, const float *c,
                            float *out)
{
    if (codes->word == NULL) {
        att_gemvf(att_matf_view(codes->single, codes->n, codes->de), true, c,
                  0.0F, out);
        return;
    }
    att_signs_combinef(&codes->signs, (float)codes->scale, c, out);
}
