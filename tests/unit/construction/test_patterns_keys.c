/* test_patterns_keys.c - where keys come from, their inner products in every
 * form, and what a pass finds on its way up a grid. */
#include "../../../src/construction/patterns/patterns_columns_priv.h"
#include "../../../src/construction/patterns/patterns_gram_priv.h"

#include "one_task.h"
#include "unit.h"

static struct att_workspace ws;

static int start(void)
{
    struct att_arena *arena = att_arena_create(0);

    att_workspace_init(&ws, arena, 5, 6);
    return arena == NULL;
}

static int stop(void)
{
    att_arena_destroy(ws.arena);
    return 0;
}

static struct pat_keys draw(enum pat_family family, size_t n, size_t d)
{
    const struct pat_key_spec spec = {.family = family, .n = n, .d = d};
    struct pat_keys keys;

    CU_ASSERT_EQUAL_FATAL(att_pat_keys_draw_whole(&ws, &spec, &keys, NULL),
                          ATT_OK);
    return keys;
}

/* ---- where they come from ---------------------------------------------------------- */

/* Lengths about a word and about the chunk that is drawn at a time. */
static void signs_are_bits_of_the_stream_of_their_key(void)
{
    static const size_t length[] = {1, 31, 63, 64, 65, 4096, 4097, 8300};

    for (size_t i = 0; i < sizeof length / sizeof length[0]; i++) {
        const struct pat_keys keys = draw(PAT_SIGN, 3, length[i]);

        for (uint32_t l = 0; l < 3; l++) {
            const struct att_stream s = att_builder_stream(&ws, PAT_KEY, 0, l);

            for (size_t m = 0; m < length[i]; m++) {
                const uint32_t word = att_stream_word(&s, m / 32);
                const double sign = (word >> (m % 32) & 1) != 0 ? 1.0 : -1.0;

                CU_ASSERT_EQUAL(att_pat_key_at(&keys, l, m), sign);
            }
        }
    }
}

static void normals_are_those_of_the_stream_of_their_key(void)
{
    const struct pat_keys keys = draw(PAT_GAUSS, 4, 37);

    for (uint32_t l = 0; l < 4; l++) {
        const struct att_stream s = att_builder_stream(&ws, PAT_KEY, 0, l);

        for (size_t m = 0; m < 37; m++)
            CU_ASSERT_EQUAL(att_pat_key_at(&keys, l, m),
                            att_stream_normal(&s, m));
    }
}

/* Entry (l, column) of Sylvester's matrix, times the sign of the row. */
static void hadamard_keys_are_columns_of_sylvester_s_matrix(void)
{
    enum { N = 32, D = 20 };
    const struct pat_keys keys = draw(PAT_HADAMARD, N, D);
    uint32_t column[N];

    att_pat_columns(&ws, N, D, column);
    for (size_t l = 0; l < N; l++) {
        for (size_t m = 0; m < D; m++) {
            int sign = att_pat_row_sign(&ws, l);

            for (uint32_t x = (uint32_t)l & column[m]; x != 0; x &= x - 1)
                sign = -sign;
            CU_ASSERT_EQUAL(att_pat_key_at(&keys, l, m), sign);
        }
    }
}

static void keys_that_are_written_out_are_scaled(void)
{
    static const enum pat_family family[] = {PAT_SIGN, PAT_GAUSS};

    for (size_t f = 0; f < 2; f++) {
        const struct pat_keys keys = draw(family[f], 5, 9);
        const struct att_mat x = att_mat_new(ws.arena, 5, 9);

        CU_ASSERT_PTR_NOT_NULL_FATAL(x.data);
        att_pat_keys_write(&keys, 0.25, x);
        for (size_t e = 0; e < 45; e++)
            CU_ASSERT_EQUAL(x.data[e],
                            0.25 * att_pat_key_at(&keys, e / 9, e % 9));
    }
}

static void families_that_have_no_such_keys_say_so(void)
{
    static const struct {
        enum pat_family family;
        size_t n, d;
        const char *text; /* NULL: there are such keys */
    } v[] = {
        {PAT_HADAMARD, 33, 64, NULL},
        {PAT_HADAMARD, 33, 65,
         "keys = hadamard have at most 64 columns (got d = 65)"},
        {PAT_HAAR, 33, 33, NULL},
        {PAT_HAAR, 33, 34,
         "keys = haar need d <= L <= 8192 (got d = 34, L = 33)"},
        {PAT_HAAR, 8193, 1,
         "keys = haar need d <= L <= 8192 (got d = 1, L = 8193)"},
        {PAT_FOURIER, 5, 8, NULL},
        {PAT_FOURIER, 5, 7,
         "keys = fourier come in pairs: make d even (got 7)"},
        {PAT_SIGN, 2, 1048576, NULL},
    };

    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct att_error err = {0};

        CU_ASSERT_EQUAL(att_pat_keys_admit(v[i].family, v[i].n, v[i].d, &err),
                        v[i].text == NULL ? ATT_OK : ATT_E_INFEASIBLE);
        CU_ASSERT_STRING_EQUAL(err.text, v[i].text == NULL ? "" : v[i].text);
    }
}

/* ---- inner products ---------------------------------------------------------------- */

static double product(const struct pat_keys *keys, size_t l, size_t j)
{
    double sum = 0.0;

    for (size_t m = 0; m < keys->spec.d; m++)
        sum += att_pat_key_at(keys, l, m) * att_pat_key_at(keys, j, m);
    return sum / (double)keys->spec.d;
}

/* Tables over the group, rows and single numbers are the products of keys that
 * are written out: exactly for signs, else up to 4 d roundings of numbers whose
 * squares sum to about d. */
static void tables_hold_the_products_of_keys(void)
{
    for (int f = 0; f < PAT_FAMILIES; f++) {
        enum { N = 27, D = 18 };

        if (f == PAT_HAAR && !ATT_HAVE_LAPACKE)
            continue;
        const struct pat_keys keys = draw((enum pat_family)f, N, D);
        struct pat_gram gram;
        double y[N];

        CU_ASSERT_EQUAL_FATAL(att_pat_gram_init(&ws, &keys.spec, &gram, NULL),
                              ATT_OK);
        for (size_t l = 0; l < N; l++) {
            const double most = product(&keys, l, l);

            att_pat_gram_row(&gram, l, y);
            for (size_t j = 0; j < N; j++) {
                const double size = sqrt(most * product(&keys, j, j));
                const double want = product(&keys, l, j);

                CU_ASSERT_DOUBLE_EQUAL(y[j], want, 4.0 * D * 0x1p-53 * size);
                CU_ASSERT_DOUBLE_EQUAL(att_pat_gram_at(&gram, l, j), want,
                                       4.0 * D * 0x1p-53 * size);
            }
        }
    }
}

/* The exclusive-or kernel beside keys that are written out, rows of nonzeros in
 * whole blocks and behind the last one. */
static void logits_of_group_keys_are_those_of_written_keys(void)
{
    static const int64_t L[] = {40, 64, 100, 300};
    static const char *const signs[] = {"plus", "random"};

    for (size_t i = 0; i < 8; i++) {
        struct one_task t;

        one_task_open(&t, "patterns_interp", 2);
        one_task_text(&t, "keys", "hadamard");
        one_task_text(&t, "signs", signs[i % 2]);
        one_task_text(&t, "cross", "on");
        one_task_int(&t, "L", L[i / 2]);
        one_task_int(&t, "k", 3);
        one_task_int(&t, "d", 48);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_verdict(&t, "patterns.structured"), ATT_HOLDS);
        one_task_close(&t);
    }
}

/* Its gap is that of plain loops over all columns: gap_unit of the task against
 * the least over rows of 1 - the largest zero, with queries solved anew. */
static void the_gap_of_group_keys_is_the_least_over_all_zeros(void)
{
    static const int64_t L[] = {40, 64, 130, 200};

    for (size_t i = 0; i < 4; i++) {
        struct one_task t;
        struct pat_query query;
        struct pat_gram gram;
        double least = INFINITY;

        one_task_open(&t, "patterns_interp", 2);
        one_task_text(&t, "keys", "hadamard");
        one_task_int(&t, "L", L[i]);
        one_task_int(&t, "k", 3);
        one_task_int(&t, "d", 40);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        const struct att_pattern *a = t.at.instance;
        const struct pat_key_spec spec = {
            .family = PAT_HADAMARD, .n = a->n_cols, .d = 40, .plus = true};

        CU_ASSERT_EQUAL_FATAL(att_pat_gram_init(&t.ws, &spec, &gram, NULL),
                              ATT_OK);
        CU_ASSERT_EQUAL_FATAL(att_pat_query_init(&query, 3, t.arena, NULL),
                              ATT_OK);
        for (size_t r = 0; r < a->n_rows; r++) {
            CU_ASSERT_TRUE(att_pat_query_solve(&query, &gram, a, r));
            for (size_t j = 0; j < a->n_cols; j++) {
                double s = 0.0;

                for (size_t q = 0; q < 3; q++)
                    s += query.unit[q] *
                         att_pat_gram_at(&gram, a->column[a->first[r] + q], j);
                if (att_pat_is_zero(a, r, j))
                    least = fmin(least, 1.0 - s);
            }
        }
        /* two sums of three products in float, of weights of about 1 */
        CU_ASSERT_DOUBLE_EQUAL(one_task_get(&t, "gap_unit").r, least,
                               64 * 0x1p-24);
        one_task_close(&t);
    }
}

/* ---- up the grid --------------------------------------------------------------------- */

static void a_walk_keeps_the_first_and_the_last_run(void)
{
    static const struct {
        bool accept[6];
        int64_t d_min, d_first;
    } v[] = {{{0, 0, 0, 0, 0, 0}, 0, 0},   {{1, 1, 1, 1, 1, 1}, 10, 10},
             {{0, 1, 0, 0, 1, 1}, 50, 20}, {{0, 1, 1, 0, 0, 0}, 0, 20},
             {{0, 0, 0, 0, 0, 1}, 60, 60}, {{1, 0, 1, 0, 1, 0}, 0, 10}};

    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct pat_walk walk = {0};

        for (int g = 0; g < 6; g++)
            att_pat_walk_add(&walk, 10 * (g + 1), v[i].accept[g]);
        CU_ASSERT_EQUAL(walk.d_min, v[i].d_min);
        CU_ASSERT_EQUAL(walk.d_first, v[i].d_first);
        CU_ASSERT_EQUAL(walk.n, 6);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"signs are bits of the stream of their key",
         signs_are_bits_of_the_stream_of_their_key},
        {"normals are those of the stream of their key",
         normals_are_those_of_the_stream_of_their_key},
        {"hadamard keys are columns of Sylvester's matrix",
         hadamard_keys_are_columns_of_sylvester_s_matrix},
        {"keys that are written out are scaled",
         keys_that_are_written_out_are_scaled},
        {"families that have no such keys say so",
         families_that_have_no_such_keys_say_so},
        {"tables hold the products of keys", tables_hold_the_products_of_keys},
        {"logits of group keys are those of written keys",
         logits_of_group_keys_are_those_of_written_keys},
        {"the gap of group keys is the least over all zeros",
         the_gap_of_group_keys_is_the_least_over_all_zeros},
        {"a walk keeps the first and the last run",
         a_walk_keeps_the_first_and_the_last_run},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("patterns_keys", start, stop, tests);
}
