/* test_patterns_vectors.c - keys and logits of the specification's vectors:
 * no random numbers, or generators that any language reproduces. */
#include "../../../src/construction/patterns/patterns_gram_priv.h"
#include "../../../src/construction/patterns/patterns_nested_priv.h"

#include <string.h>

#include "attest/linalg/fwht.h"
#include "one_task.h"
#include "unit.h"

static double real(const struct one_task *t, const char *metric)
{
    return att_value_number(one_task_get(t, metric));
}

/* ---- codes, lattices, circles ---------------------------------------------------- */

static void circles_have_the_gaps_of_v1(void)
{
    static const struct {
        int64_t L;
        double gap, beta;
    } v[] = {{4, 1.0, 0.0},
             {8, 0.2928932188, 7.8615172530},
             {1024, 1.882471740e-5, 122317.113}};

    for (size_t i = 0; i < 3; i++) {
        struct one_task t;

        one_task_open(&t, "patterns_code", 1);
        one_task_text(&t, "keys", "circle");
        one_task_text(&t, "data", "perm");
        one_task_int(&t, "L", v[i].L);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_DOUBLE_EQUAL(real(&t, "gap_unit"), v[i].gap, 1e-9 * v[i].gap);
        if (v[i].beta > 0.0) {
            CU_ASSERT_DOUBLE_EQUAL(real(&t, "beta"), v[i].beta,
                                   1e-8 * v[i].beta);
        }
        one_task_close(&t);
    }
}

static void bands_on_the_circle_are_those_of_v2_and_v3(void)
{
    static const struct {
        int64_t L, k;
        double gap, q;
        int64_t accept;
    } v[] = {{8, 2, 0.5411961001, 0.0, 1},
             {64, 2, 0.0096189462, 0.0, 1},
             {12, 3, 0.0, 2.7320508076, 0},
             {64, 3, 0.0, 2.9903694533, 0}};

    for (size_t i = 0; i < 4; i++) {
        struct one_task t;

        one_task_open(&t, "patterns_code", 1);
        one_task_text(&t, "keys", "circle");
        one_task_text(&t, "data", "band");
        one_task_int(&t, "L", v[i].L);
        one_task_int(&t, "k", v[i].k);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        if (v[i].gap > 0.0)
            CU_ASSERT_DOUBLE_EQUAL(real(&t, "gap_unit"), v[i].gap, 1e-10);
        if (v[i].q > 0.0)
            CU_ASSERT_DOUBLE_EQUAL(real(&t, "gap_ratio"), v[i].q, 1e-9);
        CU_ASSERT_EQUAL(one_task_get(&t, "accept").i, v[i].accept);
        one_task_close(&t);
    }
}

static void codes_and_e8_are_those_of_v6(void)
{
    struct one_task t;

    one_task_open(&t, "patterns_code", 1);
    one_task_text(&t, "data", "perm");
    one_task_int(&t, "L", 1024);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_get(&t, "d_used").i, 10);
    CU_ASSERT_EQUAL(one_task_get(&t, "max_offdiag").i, 8);
    CU_ASSERT_DOUBLE_EQUAL(real(&t, "gap_unit"), 0.2, 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(real(&t, "beta"), 11.512925, 1e-6);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "patterns.code"), ATT_HOLDS);
    one_task_close(&t);
    one_task_open(&t, "patterns_code", 1);
    one_task_text(&t, "keys", "e8");
    one_task_text(&t, "data", "perm");
    one_task_int(&t, "L", 240);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_get(&t, "max_offdiag").i, 1);
    CU_ASSERT_DOUBLE_EQUAL(real(&t, "gap_unit"), 0.5, 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(real(&t, "beta"), 4.605170, 1e-6);
    one_task_close(&t);
}

/* ---- the moment curve ------------------------------------------------------------- */

/* V7 has c = 1; here c = 1.1 t2 / min product, and gaps scale with it: the
 * ratio of the least gap to the product's minimum is 1. */
static void k5_on_the_curve_is_accepted(void)
{
    struct one_task t;

    one_task_open(&t, "patterns_trig", 1);
    one_task_text(&t, "data", "complete");
    one_task_int(&t, "L", 10);
    one_task_int(&t, "k", 2);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_get(&t, "d_used").i, 4);
    CU_ASSERT_EQUAL(one_task_get(&t, "accept").i, 1);
    /* Some 40 roundings of numbers below 16. */
    CU_ASSERT_TRUE(real(&t, "dev_nats") < 1e-13);
    CU_ASSERT_DOUBLE_EQUAL(real(&t, "gap_nats"), 1.1 * log(10.0), 1e-13);
    one_task_close(&t);
}

static void the_curve_spreads_logits_as_its_law_says(void)
{
    static const double range[] = {6.7e4, 4.5e8, 1.3e12, 2.2e15};

    for (int64_t k = 1; k <= 4; k++) {
        struct one_task t;

        one_task_open(&t, "patterns_trig", 1);
        one_task_text(&t, "data", "band");
        one_task_text(&t, "dtype", "x80");
        one_task_int(&t, "L", 512);
        one_task_int(&t, "k", k);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_get(&t, "accept").i, 1);
        /* Table 9 has two digits. */
        CU_ASSERT_DOUBLE_EQUAL(real(&t, "logit_range_law"), range[k - 1],
                               0.03 * range[k - 1]);
        one_task_close(&t);
    }
}

/* ---- Hadamard keys ------------------------------------------------------------------- */

static void transforms_are_those_of_v5(void)
{
    static const int32_t four[] = {4, 2, 2, 0,  2, 0,  0,  -2,
                                   2, 0, 0, -2, 0, -2, -2, -4};
    static const int32_t five[] = {5, 1, 1, 1,  1, 1,  1,  -3,
                                   1, 1, 1, -3, 1, -3, -3, -3};
    int32_t h[16] = {0};

    h[1] = h[2] = h[4] = h[8] = 1;
    att_fwht_i32(h, 16);
    CU_ASSERT_EQUAL(memcmp(h, four, sizeof four), 0);
    memset(h, 0, sizeof h);
    h[1] = h[2] = h[4] = h[8] = h[15] = 1;
    att_fwht_i32(h, 16);
    CU_ASSERT_EQUAL(memcmp(h, five, sizeof five), 0);
}

/* Keys of V4: columns 0, 1, 2, ... of Sylvester's matrix of order 8. */
static void natural_columns(struct att_arena *arena, struct pat_keys *keys)
{
    static uint32_t d[] = {2, 4, 6, 8};
    static bool asked[] = {true, true, true, true};

    *keys = (struct pat_keys){
        .spec = {.family = PAT_HADAMARD, .n = 8, .d = 8, .plus = true},
        .grid = {d, asked, 4},
        .segment = ATT_NEW(arena, struct att_bits, 4)};
    for (size_t g = 0; g < 4; g++) {
        keys->segment[g] = att_bits_new(arena, 8, 2);
        for (size_t j = 0; j < 8; j++) {
            for (size_t b = 0; b < 2; b++) {
                att_bits_set(&keys->segment[g], j, b,
                             __builtin_parityll(j & (2 * g + b)) ? -1 : 1);
            }
        }
    }
}

static void nested_sums_are_those_of_v4(void)
{
    static const double gap[] = {0.0, 0.0, 4.0 / 6.0, 1.0};
    static const size_t first[] = {0, 2, 4, 6, 8, 10, 12, 14, 16};
    static const uint32_t column[] = {0, 1, 1, 2, 2, 3, 3, 4,
                                      4, 5, 5, 6, 6, 7, 7, 0};
    const struct att_pattern a = {.n_rows = 8,
                                  .n_cols = 8,
                                  .nnz = 16,
                                  .first = first,
                                  .column = column,
                                  .k_row = 2,
                                  .k_col = 2};
    struct att_arena *arena = att_arena_create(0);
    struct pat_keys keys;
    struct pat_rows rows = {0};
    struct pat_worst worst[4];
    struct pat_pass pass = {.keys = &keys,
                            .rows = &rows,
                            .tolerance = {log(1.5), log(10.0), 0.0},
                            .worst = worst,
                            .arena = arena};

    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    natural_columns(arena, &keys);
    CU_ASSERT_EQUAL_FATAL(att_pat_rows_init(&rows, &a, arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_pat_pass(&pass, NULL), ATT_OK);
    for (size_t g = 0; g < 4; g++) {
        CU_ASSERT_EQUAL(worst[g].dev, 0.0);
        CU_ASSERT_EQUAL(worst[g].gap, gap[g]);
        CU_ASSERT_EQUAL(att_pat_judge(&worst[g], true, &pass.tolerance).accept,
                        g >= 2);
    }
    att_arena_destroy(arena);
}

/* ---- portable keys ---------------------------------------------------------------------- */

static void portable_words_are_those_of_v13(void)
{
    CU_ASSERT_EQUAL(att_pat_splitmix(0), UINT64_C(0xe220a8397b1dcdaf));
    CU_ASSERT_EQUAL(att_pat_splitmix(1), UINT64_C(0x910a2dec89025cc1));
    CU_ASSERT_EQUAL(att_pat_portable_word(1, 0, 0),
                    UINT64_C(0x5e41ab087439611e));
    CU_ASSERT_EQUAL(att_pat_portable_word(1, 5, 1),
                    UINT64_C(0x7d45ca4f644df7d0));
}

static void draw_portable(struct att_arena *arena, size_t n, uint32_t *d,
                          struct pat_keys *keys)
{
    const struct pat_key_spec spec = {
        .family = PAT_PORTABLE, .n = n, .d = *d, .seed = 1};
    struct att_workspace ws;

    att_workspace_init(&ws, arena, 1, 1);
    CU_ASSERT_EQUAL_FATAL(att_pat_keys_draw(&ws, &spec,
                                            (struct att_nested){d, NULL, 1},
                                            keys, NULL),
                          ATT_OK);
}

static void portable_products_are_those_of_v13(void)
{
    static const struct {
        uint32_t d;
        int32_t most;
        size_t l, j;
    } v[] = {{64, 38, 171, 488},
             {128, 50, 300, 1001},
             {192, 64, 735, 743},
             {256, 76, 38, 142}};

    for (size_t i = 0; i < 4; i++) {
        struct att_arena *arena = att_arena_create(0);
        uint32_t d = v[i].d;
        struct pat_keys keys;
        int32_t most = INT32_MIN;
        int32_t *row = NULL;
        size_t at[2] = {0, 0};

        CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
        draw_portable(arena, 1024, &d, &keys);
        row = ATT_NEW(arena, int32_t, 1024);
        for (size_t l = 0; l < 1024; l++) {
            att_bits_gram_row(&keys.segment[0], l, row);
            for (size_t j = l + 1; j < 1024; j++) {
                if (row[j] > most) {
                    most = row[j];
                    at[0] = l;
                    at[1] = j;
                }
            }
        }
        CU_ASSERT_EQUAL(most, v[i].most);
        CU_ASSERT_EQUAL(at[0], v[i].l);
        CU_ASSERT_EQUAL(at[1], v[i].j);
        att_arena_destroy(arena);
    }
}

/* A one_task with portable keys of seed 1. */
static void open_portable(struct one_task *t, const char *construction)
{
    one_task_open(t, construction, 1);
    t->ws.builder_seed = 1;
    one_task_text(t, "keys", "portable");
    one_task_text(t, "data", "band");
    one_task_int(t, "L", 64);
    one_task_int(t, "k", 3);
    one_task_int(t, "d", 64);
}

static void portable_interpolation_is_that_of_v13(void)
{
    static const double c[] = {0.80339900, 0.76631904, 0.92699884};
    struct one_task t;
    struct pat_gram gram;
    struct pat_query query;

    open_portable(&t, "patterns_interp");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_DOUBLE_EQUAL(real(&t, "gap_unit"), 0.317897371715, 1e-12);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "patterns.interp"), ATT_HOLDS);
    const struct att_pattern *a = t.at.instance;
    const struct pat_key_spec spec = {
        .family = PAT_PORTABLE, .n = 64, .d = 64, .seed = 1};

    CU_ASSERT_EQUAL_FATAL(att_pat_gram_init(&t.ws, &spec, &gram, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_pat_query_init(&query, 3, t.arena, NULL), ATT_OK);
    CU_ASSERT_TRUE_FATAL(att_pat_query_solve(&query, &gram, a, 0));
    for (size_t q = 0; q < 3; q++)
        CU_ASSERT_DOUBLE_EQUAL(query.unit[q], c[q], 5e-9);
    one_task_close(&t);
}

static void portable_projection_is_that_of_v13(void)
{
    struct one_task t;
    const double *last = NULL;

    open_portable(&t, "patterns");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    last = t.out.observation + (t.out.n_observed - 1) * t.c->n_observations;
    CU_ASSERT_EQUAL(last[0], 64.0);
    CU_ASSERT_EQUAL(last[2], 0.5625);
    CU_ASSERT_EQUAL(last[3], 0.1875);
    one_task_close(&t);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"circles have the gaps of V1", circles_have_the_gaps_of_v1},
        {"bands on the circle are those of V2 and V3",
         bands_on_the_circle_are_those_of_v2_and_v3},
        {"codes and E8 are those of V6", codes_and_e8_are_those_of_v6},
        {"K5 on the curve is accepted", k5_on_the_curve_is_accepted},
        {"the curve spreads logits as its law says",
         the_curve_spreads_logits_as_its_law_says},
        {"transforms are those of V5", transforms_are_those_of_v5},
        {"nested sums are those of V4", nested_sums_are_those_of_v4},
        {"portable words are those of V13", portable_words_are_those_of_v13},
        {"portable products are those of V13",
         portable_products_are_those_of_v13},
        {"portable interpolation is that of V13",
         portable_interpolation_is_that_of_v13},
        {"portable projection is that of V13",
         portable_projection_is_that_of_v13},
        CU_TEST_INFO_NULL,
    };

    return unit_run("patterns_vectors", tests);
}
