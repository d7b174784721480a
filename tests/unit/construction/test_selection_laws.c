/* test_selection_laws.c - variants of a step: the query as a key, sets of any
 * size, narrow storage, queries of least norm, pools of encodings. */
#include "attest/linalg/vector.h"
#include "attest/model/arithmetic.h"
#include "selection_case.h"

static void gradients_of_variants_are_those_of_finite_differences(void)
{
    for (int i = 1; i < 4; i++) {
        const struct sel_law law = variant(i);

        check_gradients(&law, 8, SEL_FULL, att_sel_full, 1.0);
    }
}

/* A query that is a key takes its share of the attention, z_L = [0; et]: the
 * forward pass written out. */
static void the_query_is_one_more_key(void)
{
    const struct sel_law law = variant(1);
    struct bench k;
    double z[21][69] = {0}, weight[21], sum = 0.0;

    bench_open(&k, &law, 1, SEL_FULL);
    set_random(&k, 0.5, 0.3);
    (void)att_sel_full(&k.x);
    att_sel_batch_query(&law, &k.batch, 0, z[20] + 5);
    for (size_t i = 0; i < 20; i++) {
        memcpy(z[i], k.x.work.x + 5 * i, 5 * sizeof(double));
        att_sel_codes_row(&k.batch.codes[0], i, z[i] + 5);
    }
    for (size_t i = 0; i < 21; i++) {
        weight[i] = exp(att_dot(69, z[i], k.x.work.p.data));
        sum += weight[i];
    }
    for (size_t j = 0; j < 69; j++) {
        double h = 0.0;

        for (size_t i = 0; i < 21; i++)
            h += weight[i] / sum * z[i][j];
        CU_ASSERT_DOUBLE_EQUAL(k.x.work.h.data[j], h, 1e-13);
    }
    CU_ASSERT_DOUBLE_EQUAL(k.x.work.s[20], weight[20] / sum, 1e-13);
    att_arena_destroy(k.arena);
}

/* 2000 samples of 1 .. 4 tokens: every size within 5 standard errors of a
 * quarter, 1/E[1/q] = 4/(1 + 1/2 + 1/3 + 1/4), and dual queries of each. */
static void sets_of_any_size_are_equally_likely(void)
{
    struct sel_law law = variant(2);
    struct att_arena *a = arena();
    size_t seen[5] = {0};

    law.task.q = 4;
    const struct sel_batch batch = batch_of(&law, 2000, a);

    for (size_t b = 0; b < 2000; b++) {
        const struct sel_set set = att_sel_batch_set(&law, &batch, b);
        double et[64], rho[20];

        CU_ASSERT_TRUE_FATAL(set.q >= 1 && set.q <= 4);
        seen[set.q]++;
        att_sel_batch_query(&law, &batch, b, et);
        att_sel_codes_apply(&batch.codes[b], et, rho);
        for (size_t k = 0; k < set.q; k++)
            CU_ASSERT_DOUBLE_EQUAL(rho[set.y[k]], 1.0, 1e-12);
    }
    for (size_t q = 1; q <= 4; q++)
        CU_ASSERT_DOUBLE_EQUAL((double)seen[q], 500.0, 5.0 * sqrt(375.0));
    CU_ASSERT_DOUBLE_EQUAL(att_sel_set_size(&law), 48.0 / 25.0, 1e-14);
    att_arena_destroy(a);
}

static bool are_bf16(const float *x, size_t n)
{
    bool all = true;

    for (size_t i = 0; i < n; i++) {
        float y = x[i];

        att_arithmetic_round_bf16(1, &y);
        all = all && y == x[i];
    }
    return all;
}

/* Step of a single model at random weights that are bf16. */
static struct sel_loss narrow_step(struct bench *k, enum sel_model model,
                                   bool narrow, struct sel_stepf *f)
{
    const struct att_mat V = k->x.at.V, W = k->x.at.W;

    *f = (struct sel_stepf){.law = &k->law, .batch = &k->batch, .norms = true};
    f->narrow = narrow;
    f->at.V = att_matf_new(k->arena, V.rows, V.cols);
    f->at.W = att_matf_new(k->arena, W.rows, W.cols);
    f->gradient.V = att_matf_new(k->arena, V.rows, V.cols);
    f->gradient.W = att_matf_new(k->arena, W.rows, W.cols);
    for (size_t i = 0; i < V.rows * V.cols; i++)
        f->at.V.data[i] = (float)V.data[i];
    for (size_t i = 0; i < W.rows * W.cols; i++)
        f->at.W.data[i] = (float)W.data[i];
    att_arithmetic_round_bf16(V.rows * V.cols, f->at.V.data);
    att_arithmetic_round_bf16(W.rows * W.cols, f->at.W.data);
    CU_ASSERT_EQUAL_FATAL(
        att_sel_work_newf(&k->law, &k->batch, model, k->arena, &f->work, NULL),
        ATT_OK);
    if (model == SEL_FULL)
        return att_sel_fullf(f);
    return model == SEL_RB ? att_sel_rbf(f) : att_sel_gramf(f);
}

/* What is stored is bf16, and the loss moves by its ulps (2^-8, of logits up to
 * 8): within 5 %, and not by nothing. */
static void narrow_storage_is_bf16(void)
{
    static const enum sel_model model[] = {SEL_FULL, SEL_RB, SEL_GRAM};

    for (size_t i = 0; i < 3; i++) {
        struct sel_law law = law_of_tv8();
        struct bench k;
        struct sel_stepf wide, narrow;

        law.pe = SEL_SPE_STEP;
        bench_open(&k, &law, 8, model[i]);
        set_random(&k, 0.5, 0.3);
        const double a = narrow_step(&k, model[i], false, &wide).loss;
        const double b = narrow_step(&k, model[i], true, &narrow).loss;
        const struct sel_workf *w = &narrow.work;

        CU_ASSERT_TRUE(a != b);
        CU_ASSERT_DOUBLE_EQUAL(b / a, 1.0, 0.05);
        CU_ASSERT_TRUE(are_bf16(w->a, law.task.L));
        CU_ASSERT_FALSE(are_bf16(wide.work.a, law.task.L));
        if (model[i] != SEL_GRAM) {
            CU_ASSERT_TRUE(are_bf16(w->et.data, (size_t)8 * 64));
            CU_ASSERT_TRUE(are_bf16(w->p.data, 8 * w->p.cols));
        }
        if (model[i] == SEL_FULL) {
            CU_ASSERT_TRUE(are_bf16(w->h.data, (size_t)8 * 69));
            CU_ASSERT_TRUE(are_bf16(w->x, (size_t)20 * 5));
        }
        att_arena_destroy(k.arena);
    }
}

/* |E_y et - 1| for the query of sample b, over its selected tokens. */
static double miss_of(const struct sel_law *law, const struct sel_batch *batch,
                      size_t b, const double *et)
{
    const struct sel_set set = att_sel_batch_set(law, batch, b);
    double rho[20], sum = 0.0;

    att_sel_codes_apply(att_sel_batch_codes(batch, b), et, rho);
    for (size_t k = 0; k < set.q; k++)
        sum += (rho[set.y[k]] - 1.0) * (rho[set.y[k]] - 1.0);
    return sum;
}

/* Fewer coordinates than selected tokens: no other query comes nearer to 1 on
 * all of them, the query is orthogonal to what none of them sees, and where
 * the Gram matrix is regular it is the dual one. */
static void queries_of_least_norm_are_nearest(void)
{
    static const size_t de[] = {2, 3, 5, 64};

    for (size_t i = 0; i < 4; i++) {
        struct sel_law law = law_of_tv8();
        struct att_arena *a = arena();
        double et[64];

        law.task.q = 5;
        law.de = de[i];
        law.least_norm = true;
        const struct sel_batch batch = batch_of(&law, 16, a);

        CU_ASSERT_TRUE(de[i] >= 5 || batch.n_redraw == 16);
        for (size_t b = 0; b < 16; b++) {
            att_sel_batch_query(&law, &batch, b, et);
            const double miss = miss_of(&law, &batch, b, et);

            for (size_t j = 0; j < de[i]; j++) {
                const double kept = et[j];

                et[j] = kept + 1e-3;
                CU_ASSERT_TRUE(miss_of(&law, &batch, b, et) > miss - 1e-9);
                et[j] = kept - 1e-3;
                CU_ASSERT_TRUE(miss_of(&law, &batch, b, et) > miss - 1e-9);
                et[j] = kept;
            }
            if (de[i] == 64)
                CU_ASSERT_DOUBLE_EQUAL(miss, 0.0, 1e-20);
        }
        att_arena_destroy(a);
    }
}

/* Equal encodings, up to sign, share their part: three tokens of one encoding,
 * one of them mirrored, ask for (1 + 1 - 1)/3 of it. */
static void equal_encodings_share_a_query(void)
{
    struct sel_law law = law_of_tv8();
    struct att_arena *a = arena();
    double et[64], row[64];

    law.least_norm = true;
    struct sel_batch batch = batch_of(&law, 1, a);
    struct sel_codes *codes = &batch.codes[0];
    const uint32_t y[] = {0, 1, 2};
    struct sel_least room = batch.least;

    codes->word[1] = codes->word[0];
    codes->word[2] = ~codes->word[0];
    CU_ASSERT_FALSE(att_sel_query_solve(&law, codes, y, batch.gram, batch.c));
    room.gram = batch.gram;
    att_sel_query_least(codes, y, &room, batch.c);
    memcpy(batch.y, y, sizeof y);
    att_sel_batch_query(&law, &batch, 0, et);
    att_sel_codes_row(codes, 0, row);
    for (size_t j = 0; j < 64; j++)
        CU_ASSERT_DOUBLE_EQUAL(et[j], row[j] / 3.0, 1e-15);
    att_arena_destroy(a);
}

/* ---- pools -------------------------------------------------------------------------------- */

static bool same_row(const struct sel_codes *a, size_t i,
                     const struct sel_codes *b, size_t j)
{
    const size_t stride = a->signs.stride;

    return memcmp(a->word + i * stride, b->word + j * stride,
                  stride * sizeof *a->word) == 0;
}

/* Every encoding of a sample is one of the pool, which is what `fixed` draws;
 * none comes twice; samples differ; all of the pool is met. */
static void samples_of_a_pool_are_some_of_it(void)
{
    enum { POOL = 40, SAMPLES = 64 };
    static const size_t de[] = {64, 70};

    for (size_t k = 0; k < 2; k++) {
        struct sel_law law = law_of_tv8(), once = law_of_tv8();
        struct att_arena *a = arena();
        struct sel_codes pool;
        size_t seen[POOL] = {0}, rows = 0;

        law.pe = SEL_POOL;
        once.pe = SEL_FIXED;
        law.pool = POOL;
        law.de = once.de = de[k];
        const struct sel_batch batch = batch_of(&law, SAMPLES, a);

        CU_ASSERT_EQUAL_FATAL(att_sel_codes_new(&once, POOL, a, &pool, NULL),
                              ATT_OK);
        att_sel_codes_draw(&once, 9, 9, 0, POOL, &pool);
        for (size_t i = 0; i < (size_t)SAMPLES * 20; i++) {
            for (size_t j = 0; j < POOL; j++) {
                if (same_row(&batch.codes[i / 20], i % 20, &pool, j)) {
                    CU_ASSERT_EQUAL(seen[j] >> (i / 20) & 1, 0);
                    seen[j] |= (size_t)1 << (i / 20);
                    rows++;
                }
            }
        }
        CU_ASSERT_EQUAL(rows, (size_t)SAMPLES * 20);
        for (size_t j = 0; j < POOL; j++)
            CU_ASSERT_TRUE(seen[j] != 0 && seen[j] != SIZE_MAX);
        att_arena_destroy(a);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"gradients of variants are those of finite differences",
         gradients_of_variants_are_those_of_finite_differences},
        {"the query is one more key", the_query_is_one_more_key},
        {"sets of any size are equally likely",
         sets_of_any_size_are_equally_likely},
        {"narrow storage is bf16", narrow_storage_is_bf16},
        {"queries of least norm are nearest",
         queries_of_least_norm_are_nearest},
        {"equal encodings share a query", equal_encodings_share_a_query},
        {"samples of a pool are some of it", samples_of_a_pool_are_some_of_it},
        CU_TEST_INFO_NULL};

    return unit_run("selection_laws", tests);
}
