/* test_patterns.c - every kind has the degrees it promises; files that are no
 * patterns are refused by name, line and value. */
#include "attest/problem/patterns.h"

#include <math.h>
#include <string.h>

#include "unit.h"

struct made {
    struct att_arena *arena;
    struct att_workspace ws;
    struct att_value p[ATT_PAT_PARAMS];
    const struct att_pattern *a;
    struct att_error err;
};

static void open_at(struct made *m, const char *data, int64_t L, int64_t k)
{
    memset(m, 0, sizeof *m);
    m->arena = att_arena_create(0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m->arena);
    att_workspace_init(&m->ws, m->arena, 7, 8);
    for (uint32_t i = 0; i < ATT_PAT_PARAMS; i++)
        m->p[i] = att_param_default(&att_problem_patterns.params[i]);
    m->p[ATT_PAT_DATA] = att_text(data);
    m->p[ATT_PAT_L] = att_int(L);
    m->p[ATT_PAT_K] = att_int(k);
}

static bool generate(struct made *m)
{
    void *instance = NULL;

    if (att_problem_patterns.generate(&m->ws, m->p, &instance, &m->err) !=
        ATT_OK)
        return false;
    m->a = instance;
    return true;
}

static void close_made(struct made *m)
{
    att_arena_destroy(m->arena);
}

/* Columns of a row differ and exist. */
static bool is_sound(const struct att_pattern *a)
{
    for (size_t i = 0; i < a->n_rows; i++) {
        for (size_t e = a->first[i]; e < a->first[i + 1]; e++) {
            if (a->column[e] >= a->n_cols)
                return false;
            for (size_t f = a->first[i]; f < e; f++) {
                if (a->column[f] == a->column[e])
                    return false;
            }
        }
    }
    return a->first[a->n_rows] == a->nnz;
}

static void every_kind_has_its_degrees(void)
{
    static const struct {
        const char *data;
        int64_t L, k;
        size_t n_cols, k_row, k_col;
    } kind[] = {
        {"perm", 100, 1, 100, 1, 1},    {"band", 10, 3, 10, 3, 3},
        {"block", 12, 4, 12, 4, 4},     {"rand", 64, 4, 64, 4, 4},
        {"rand", 16, 8, 16, 8, 8},      {"star", 9, 2, 9, 2, 9},
        {"circulant", 50, 5, 50, 5, 5}, {"singles", 8, 1, 8, 8, 2},
        {"complete", 10, 2, 5, 2, 4},   {"hamiltonian", 9, 2, 9, 2, 2},
        {"triangles", 6, 2, 6, 2, 2},
    };

    for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++) {
        struct made m;

        open_at(&m, kind[i].data, kind[i].L, kind[i].k);
        CU_ASSERT_TRUE_FATAL(generate(&m));
        CU_ASSERT_TRUE(is_sound(m.a));
        CU_ASSERT_EQUAL(m.a->n_rows, (size_t)kind[i].L);
        CU_ASSERT_EQUAL(m.a->n_cols, kind[i].n_cols);
        CU_ASSERT_EQUAL(m.a->k_row, kind[i].k_row);
        CU_ASSERT_EQUAL(m.a->k_col, kind[i].k_col);
        CU_ASSERT_PTR_NULL(m.a->lam);
        close_made(&m);
    }
}

/* V edges of a triangulation: 3 V - 6 rows on V columns. */
static void planar_networks_are_triangulations(void)
{
    struct made m;

    open_at(&m, "planar", 3 * 20 - 6, 2);
    CU_ASSERT_TRUE_FATAL(generate(&m));
    CU_ASSERT_TRUE(is_sound(m.a));
    CU_ASSERT_EQUAL(m.a->n_cols, 20);
    for (size_t i = 0; i < m.a->n_rows; i++) {
        for (size_t j = 0; j < i; j++) {
            CU_ASSERT_FALSE(m.a->column[2 * i] == m.a->column[2 * j] &&
                            m.a->column[2 * i + 1] == m.a->column[2 * j + 1]);
        }
    }
    close_made(&m);
}

static void values_have_row_minimum_1_and_range_gamma(void)
{
    static const char *const kinds[] = {"loguniform", "pareto"};

    for (size_t v = 0; v < 2; v++) {
        struct made m;

        open_at(&m, "rand", 64, 4);
        m.p[ATT_PAT_VALUES] = att_text(kinds[v]);
        m.p[ATT_PAT_GAMMA] = att_real(16.0);
        CU_ASSERT_TRUE_FATAL(generate(&m));
        CU_ASSERT_PTR_NOT_NULL_FATAL(m.a->lam);
        CU_ASSERT_TRUE(m.a->ln_gamma <= log(16.0));
        for (size_t i = 0; i < m.a->n_rows; i++) {
            double least = 1.0;

            for (size_t e = m.a->first[i]; e < m.a->first[i + 1]; e++)
                least = fmin(least, m.a->lam[e]);
            CU_ASSERT_EQUAL(least, 0.0);
        }
        close_made(&m);
    }
}

static void what_a_kind_demands_is_named(void)
{
    static const struct {
        const char *data;
        int64_t L, k;
        const char *text;
    } bad[] = {
        {"perm", 8, 2, "data = perm has k = 1 (got k = 2)"},
        {"block", 10, 4,
         "data = block needs L a multiple of k (got L = 10, k = 4)"},
        {"rand", 7, 4, "data = rand needs L >= 2 k (got L = 7, k = 4)"},
        {"complete", 11, 2,
         "data = complete needs L = n (n - 1) / 2 >= 3 (got L = 11, k = 2)"},
        {"band", 3, 4, "data = band needs k <= L (got L = 3, k = 4)"},
        {"file", 3, 4, "data = file needs path: a Matrix Market or HDF5 file"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct made m;

        open_at(&m, bad[i].data, bad[i].L, bad[i].k);
        CU_ASSERT_EQUAL(att_patterns_admit(m.p, &m.err), ATT_E_INFEASIBLE);
        CU_ASSERT_STRING_EQUAL(m.err.text, bad[i].text);
        close_made(&m);
    }
}

/* ---- files -------------------------------------------------------------------- */

static bool read_text(struct made *m, const char *text, size_t most)
{
    const struct att_input_file file = {"a.mtx", text, strlen(text)};
    struct att_pattern *a = ATT_NEW0(m->arena, struct att_pattern, 1);

    m->a = a;
    return att_pattern_read(&file, most, m->arena, a, &m->err) == ATT_OK;
}

#define HEAD "%%MatrixMarket matrix coordinate real general\n"

static void files_become_patterns(void)
{
    struct made m;

    open_at(&m, "file", 2, 2);
    CU_ASSERT_TRUE_FATAL(read_text(&m,
                                   HEAD "% a comment\n\n2 3 4\n1 1 2.0\n"
                                        "1 3 6.0\n2 2 1e-3\n2 1 0\n",
                                   2));
    CU_ASSERT_EQUAL(m.a->n_rows, 2);
    CU_ASSERT_EQUAL(m.a->n_cols, 3);
    CU_ASSERT_EQUAL(m.a->nnz, 3);
    CU_ASSERT_EQUAL(m.a->column[1], 2);
    CU_ASSERT_DOUBLE_EQUAL(m.a->lam[1], log(3.0), 1e-15);
    CU_ASSERT_EQUAL(m.a->lam[2], 0.0);
    close_made(&m);
    open_at(&m, "file", 2, 2);
    CU_ASSERT_TRUE_FATAL(
        read_text(&m,
                  "%%MatrixMarket matrix coordinate pattern symmetric\n"
                  "3 3 2\n2 1\n3 3\n",
                  2));
    CU_ASSERT_EQUAL(m.a->nnz, 3);
    CU_ASSERT_PTR_NULL(m.a->lam);
    close_made(&m);
}

static void files_that_are_no_patterns_are_refused(void)
{
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"", "a.mtx:1: the file ends too early"},
        {"hello\n", "a.mtx:1: no Matrix Market file: it starts with "
                    "'%%MatrixMarket matrix coordinate real general'"},
        {HEAD "2 2 x\n", "a.mtx:2: '2 2 x' is no size 'rows columns entries' "
                         "of a matrix"},
        {HEAD "2 2 2\n1 1 1\n", "a.mtx:4: the file ends too early"},
        {HEAD "2 2 1\n1 1 -0.5\n", "a.mtx:3: the value -0.5 is negative: a "
                                   "pattern has finite values >= 0"},
        {HEAD "2 2 1\n1 1 nan\n", "a.mtx:3: the value nan is not finite: a "
                                  "pattern has finite values >= 0"},
        {HEAD "2 2 1\n1 1 inf\n", "a.mtx:3: the value inf is not finite: a "
                                  "pattern has finite values >= 0"},
        {HEAD "2 2 1\n1 3 1\n",
         "a.mtx:3: entry (1, 3) is outside the 2 x 2 matrix"},
        {HEAD "2 2 1\n1 1 one\n", "a.mtx:3: '1 1 one' is no entry"},
        {HEAD "2 2 1\n1 1 1\n",
         "a.mtx: row 2 is empty: every row needs a nonzero"},
        {HEAD "1 2 2\n1 1 1\n1 1 2\n", "a.mtx:4: entry (1, 1) is there twice"},
        {HEAD "1 3 3\n1 1 1\n1 2 1\n1 3 1\n",
         "a.mtx: row 1 has 3 nonzeros, k = 2: raise k"},
        {HEAD "1 1 99999\n1 1 1\n",
         "a.mtx:2: 99999 entries are more than the file holds"},
        {HEAD "99999 1 1\n1 1 1\n",
         "a.mtx:2: 99999 rows are more than the file holds: every row needs a "
         "nonzero"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct made m;

        open_at(&m, "file", 2, 2);
        CU_ASSERT_FALSE(read_text(&m, bad[i].text, 2));
        CU_ASSERT_STRING_EQUAL(m.err.text, bad[i].why);
        close_made(&m);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every kind has its degrees", every_kind_has_its_degrees},
        {"planar networks are triangulations",
         planar_networks_are_triangulations},
        {"values have row minimum 1 and range gamma",
         values_have_row_minimum_1_and_range_gamma},
        {"what a kind demands is named", what_a_kind_demands_is_named},
        {"files become patterns", files_become_patterns},
        {"files that are no patterns are refused",
         files_that_are_no_patterns_are_refused},
        CU_TEST_INFO_NULL,
    };

    return unit_run("patterns", tests);
}
