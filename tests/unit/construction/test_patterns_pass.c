/* test_patterns_pass.c - one pass over a grid of dimensions beside plain loops
 * over every logit. */
#include "../../../src/construction/patterns/patterns_nested_priv.h"

#include <string.h>

#include "unit.h"

enum { L = 70, D = 300, STOPS = 6 }; /* more than a panel, more than a chunk */

struct made {
    struct att_arena *arena;
    struct att_workspace ws;
    struct att_value p[ATT_PAT_PARAMS];
    uint32_t stop[STOPS];
    struct pat_keys keys;
    struct pat_rows rows;
    struct pat_worst worst[STOPS];
    struct pat_pass pass;
};

/* What is passed over. */
struct setting {
    const char *data;
    int64_t k;
    double gamma, beta; /* gamma 1: equal values; beta 0: free */
    enum pat_family family;
    enum pat_storage storage;
    bool shift;
};

static void open_made(struct made *m, const struct setting *v)
{
    static const uint32_t stops[STOPS] = {1, 2, 40, 256, 257, D};
    const struct pat_key_spec spec = {.family = v->family, .n = L, .d = D};
    void *instance = NULL;

    *m = (struct made){.arena = att_arena_create(0)};
    CU_ASSERT_PTR_NOT_NULL_FATAL(m->arena);
    att_workspace_init(&m->ws, m->arena, 3, 4);
    memcpy(m->stop, stops, sizeof stops);
    for (uint32_t i = 0; i < ATT_PAT_PARAMS; i++)
        m->p[i] = att_param_default(&att_problem_patterns.params[i]);
    m->p[ATT_PAT_L] = att_int(L);
    m->p[ATT_PAT_K] = att_int(v->k);
    m->p[ATT_PAT_DATA] = att_text(v->data);
    m->p[ATT_PAT_GAMMA] = att_real(v->gamma);
    m->p[ATT_PAT_VALUES] = att_text(v->gamma > 1.0 ? "loguniform" : "uniform");
    CU_ASSERT_EQUAL_FATAL(
        att_problem_patterns.generate(&m->ws, m->p, &instance, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(
        att_pat_keys_draw(&m->ws, &spec,
                          (struct att_nested){m->stop, NULL, STOPS}, &m->keys,
                          NULL),
        ATT_OK);
    m->rows.shift = v->shift;
    CU_ASSERT_EQUAL_FATAL(att_pat_rows_init(&m->rows, instance, m->arena, NULL),
                          ATT_OK);
    m->pass = (struct pat_pass){.keys = &m->keys,
                                .rows = &m->rows,
                                .tolerance = {log(1.5), log(10.0), v->beta},
                                .storage = v->storage,
                                .worst = m->worst,
                                .arena = m->arena};
}

/* ---- the definition --------------------------------------------------------------- */

static const struct att_arithmetic BF16 = {ATT_ARITHMETIC_ROUNDED, 8, -126,
                                           127};

static float stored(const struct made *m, double x)
{
    return (float)(m->pass.storage == PAT_BF16 ? att_arithmetic_round(&BF16, x)
                                               : x);
}

static double weight(const struct made *m, size_t q)
{
    const struct pat_terms *t = &m->rows.terms;

    return m->rows.a->lam != NULL
               ? m->pass.tolerance.beta * t->unit[q] + t->lam[q]
               : t->unit[q];
}

static void plain_query(const struct made *m, float *x)
{
    const struct pat_terms *t = &m->rows.terms;

    for (size_t n = 0; n < D; n++) {
        double sum = 0.0;

        for (size_t q = 0; q < t->n; q++) {
            sum += weight(m, q) *
                   (double)stored(m, att_mat_row(m->keys.y, t->at[q])[n]);
        }
        x[n] = stored(m, sum);
    }
}

static float plain_sum(const struct made *m, const float *x, size_t j,
                       uint32_t d)
{
    float sum = 0.0F;

    for (uint32_t n = 0; n < d; n++)
        sum = fmaf(x[n], stored(m, att_mat_row(m->keys.y, j)[n]), sum);
    return sum;
}

/* The entry of row i at column j; nnz: a zero. */
static size_t entry_at(const struct att_pattern *a, size_t i, size_t j)
{
    for (size_t e = a->first[i]; e < a->first[i + 1]; e++) {
        if (a->column[e] == j)
            return e;
    }
    return a->nnz;
}

static void plain_row(const struct made *m, size_t i, uint32_t d,
                      struct pat_worst *worst)
{
    const struct att_pattern *a = m->rows.a;
    double most = -INFINITY, least = INFINITY;
    double s_least = INFINITY, zero = -INFINITY;
    float x[D];

    plain_query(m, x);
    for (size_t j = 0; j < L; j++) {
        const double s = (double)plain_sum(m, x, j, d);
        const size_t e = entry_at(a, i, j);

        if (e == a->nnz) {
            zero = fmax(zero, s);
            continue;
        }
        const double v = s - (a->lam != NULL ? a->lam[e] * d : 0.0);

        most = fmax(most, v);
        least = fmin(least, v);
        s_least = fmin(s_least, s);
    }
    att_pat_worst_add(worst, i, (most - least) / d, (s_least - zero) / d);
}

static const struct setting SETTINGS[] = {
    {"rand", 4, 1.0, 0.0, PAT_GAUSS, PAT_F32, true},
    {"rand", 4, 1.0, 2.7, PAT_GAUSS, PAT_BF16, true},
    {"band", 11, 1.0, 0.0, PAT_FOURIER, PAT_F32, true}, /* two lots of sums */
    {"rand", 3, 16.0, 5.0, PAT_GAUSS, PAT_F32, true},
    {"rand", 3, 16.0, 5.0, PAT_GAUSS, PAT_BF16, true},
    {"singles", 1, 1.0, 0.0, PAT_GAUSS, PAT_F32, true},
    {"singles", 1, 1.0, 0.0, PAT_GAUSS, PAT_F32, false},
    {"star", 2, 1.0, 0.0, PAT_GAUSS, PAT_F32, false},
};

enum { N_SETTINGS = sizeof SETTINGS / sizeof SETTINGS[0] };

static void every_d_of_a_pass_has_the_bits_of_plain_loops(void)
{
    for (size_t v = 0; v < N_SETTINGS; v++) {
        struct made m;

        open_made(&m, &SETTINGS[v]);
        CU_ASSERT_EQUAL_FATAL(att_pat_pass(&m.pass, NULL), ATT_OK);
        for (size_t g = 0; g < STOPS; g++) {
            struct pat_worst plain;

            att_pat_worst_init(&plain);
            for (size_t i = 0; i < L; i++) {
                att_pat_row(&m.rows, i);
                plain_row(&m, i, m.stop[g], &plain);
            }
            CU_ASSERT_EQUAL(m.worst[g].dev, plain.dev);
            CU_ASSERT_EQUAL(m.worst[g].gap, plain.gap);
            CU_ASSERT_EQUAL(m.worst[g].dev_row, plain.dev_row);
            CU_ASSERT_EQUAL(m.worst[g].gap_row, plain.gap_row);
        }
        att_arena_destroy(m.arena);
    }
}

/* P and Lambda apart are rounded to bf16 apart: another query. */
static bool is_comparable(const struct setting *v)
{
    return v->storage != PAT_BF16 || v->gamma <= 1.0;
}

/* The same sums by products of the BLAS: some sqrt(D) roundings, in float, of
 * sums that stay below 16 D max(1, beta), then over d. */
static void compare_to_products(const struct setting *v)
{
    const double unit = 16.0 * D * fmax(1.0, v->beta) * 0x1p-24;
    struct pat_worst by_tiles[STOPS];
    struct made m;

    open_made(&m, v);
    CU_ASSERT_EQUAL_FATAL(att_pat_pass(&m.pass, NULL), ATT_OK);
    const struct pat_pass tiles = m.pass;

    memcpy(by_tiles, m.worst, sizeof by_tiles);
    m.pass.max_p = m.pass.max_query = 0.0;
    for (size_t g = 0; g < STOPS; g++)
        att_pat_worst_init(&m.worst[g]);
    CU_ASSERT_EQUAL_FATAL(att_pat_pass_f32(&m.pass, NULL), ATT_OK);
    for (size_t g = 0; g < STOPS; g++) {
        const double tolerance = sqrt(D) * unit / m.stop[g];

        CU_ASSERT_DOUBLE_EQUAL(by_tiles[g].dev, m.worst[g].dev, tolerance);
        CU_ASSERT_DOUBLE_EQUAL(by_tiles[g].gap, m.worst[g].gap, tolerance);
    }
    CU_ASSERT_DOUBLE_EQUAL(tiles.max_p, m.pass.max_p, unit);
    CU_ASSERT_DOUBLE_EQUAL(tiles.max_query, m.pass.max_query,
                           unit * fmax(1.0, v->beta));
    CU_ASSERT_EQUAL(tiles.max_key, m.pass.max_key);
    att_arena_destroy(m.arena);
}

static void passes_agree_with_products_of_the_blas(void)
{
    for (size_t v = 0; v < N_SETTINGS; v++) {
        if (is_comparable(&SETTINGS[v]))
            compare_to_products(&SETTINGS[v]);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every d of a pass has the bits of plain loops",
         every_d_of_a_pass_has_the_bits_of_plain_loops},
        {"passes agree with products of the BLAS",
         passes_agree_with_products_of_the_blas},
        CU_TEST_INFO_NULL,
    };

    return unit_run("patterns_pass", tests);
}
