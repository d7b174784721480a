/* test_memorization_vectors.c - numbers of the theory that need no random
 * ones: docs/theory/memorization.md, test vectors. */
#include "../../../src/construction/memorization/memorization_priv.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "one_task.h"
#include "unit.h"

enum { MOST = 32 };

static struct att_dd s_of(const double *p, size_t n, double lambda, double pk)
{
    const struct mem_typed t = {MEM_DD, att_dd_from(lambda), att_dd_from(1.0)};
    struct att_dd row[MOST];

    for (size_t i = 0; i < n; i++)
        row[i] = att_dd_from(p[i]);
    return att_mem_typed_s(&t, row, n, att_dd_from(pk));
}

/* Values printed with 16 digits: half a unit of the last one, relative. */
static bool close(double x, double y)
{
    return fabs(x - y) <= 5e-13 * fabs(y);
}

/* ---- vectors 1 and 2: the Boltzmann operator ------------------------------- */

static void boltz_has_the_printed_values(void)
{
    const double a[] = {1, 2, 3}, b[] = {0, 1};
    const double c[] = {12, 6, 0}, d[] = {12, 6, -6};

    /* boltz(x) is s for lambda p_k = 1 */
    CU_ASSERT_TRUE(fabs(s_of(a, 3, 1, 1).hi - 2.575210382604441) <=
                   2 * DBL_EPSILON);
    CU_ASSERT_TRUE(fabs(s_of(b, 2, 1, 1).hi - 0.7310585786300049) <=
                   DBL_EPSILON);
    CU_ASSERT_TRUE(fabs(s_of(c, 3, 1, 1).hi - 11.98509080419857) <=
                   8 * DBL_EPSILON);
    CU_ASSERT_TRUE(fabs(s_of(d, 3, 1, 1).hi - 11.985163987823793) <=
                   8 * DBL_EPSILON);
    const double gap = att_dd_sub(s_of(d, 3, 1, 1), s_of(c, 3, 1, 1)).hi;

    CU_ASSERT_TRUE(fabs(gap - 7.31836252214e-5) <= 1e-16);
    CU_ASSERT_TRUE(gap >= 0.9 * 6 * exp(-12.0));
    CU_ASSERT_TRUE(gap > pow(log(3.0), 2) * exp(-24.0));
    CU_ASSERT_EQUAL(att_mem_lexicographic_order(d, c, 3), 1);
}

static void wide_gaps_agree_with_double_double(void)
{
    const double c[] = {12, 6, 0}, d[] = {12, 6, -6};
    struct mem_gap gap = {0};

    if (!att_mem_wide_available()) {
        CU_ASSERT_FALSE(att_mem_wide_boltz_gap(d, c, 3, &gap));
        return;
    }
    CU_ASSERT_TRUE_FATAL(att_mem_wide_boltz_gap(d, c, 3, &gap));
    CU_ASSERT_EQUAL(gap.sign, 1);
    CU_ASSERT_TRUE(fabs(exp2(gap.log2_size) - 7.31836252214e-5) <= 1e-15);
}

/* ---- vector 3 ----------------------------------------------------------------- */

static void scalars_of_two_small_sets(void)
{
    const double a[] = {1, 2, 4}, b[] = {3, 2, 4};

    CU_ASSERT_TRUE(close(s_of(a, 3, 0.25, 2).hi, 3.1168190552574364));
    CU_ASSERT_TRUE(close(s_of(b, 3, 0.25, 2).hi, 3.3201566678298065));
    CU_ASSERT_TRUE(close(s_of(a, 3, 0.25, 4).hi, 3.6455794028286128));
    CU_ASSERT_TRUE(close(s_of(b, 3, 0.25, 4).hi, 3.5752103826044417));
}

/* ---- vector 4 ------------------------------------------------------------------- */

static void the_theorem_in_numbers(void)
{
    const struct mem_extent e = {2, 2, 3, 0.5, 0.5, 1.0};
    const struct mem_theory t = att_mem_theory(&e, true);

    CU_ASSERT_TRUE(fabs(exp2(t.log2_lambda) - 3527.667236) <= 1e-6);
    CU_ASSERT_TRUE(fabs(t.max_logit - 3527.667236) <= 1e-6);
    CU_ASSERT_TRUE(fabs(t.log2_delta + 10194.53809) <= 1e-5);
    CU_ASSERT_EQUAL(t.r, 1.125);
}

/* ---- vector 5 -------------------------------------------------------------------- */

static void parameters_are_counted(void)
{
    struct one_task t;

    one_task_open(&t, "memorization", 3);
    one_task_text(&t, "ffn", "interp");
    one_task_int(&t, "d_out", 8); /* = d: with the skip of the theorem */
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_get(&t, "params_theorem").i, 1124);
    CU_ASSERT_EQUAL(one_task_get(&t, "params_attn").i, 36);
    CU_ASSERT_EQUAL(one_task_get(&t, "params_ffn").i, 8 + 63 + 8 * 63 + 8);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.params"), ATT_HOLDS);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.params-law"), ATT_HOLDS);
    one_task_close(&t);
}

/* ---- vector 6: refusals -------------------------------------------------------------- */

struct refused {
    struct att_token_labels in;
    struct mem_refusal refusal;
};

static void ingest(struct refused *r, const double *x, const int64_t *label,
                   size_t n, size_t l)
{
    const struct mem_rules rules = {false, false};
    struct att_arena *arena = att_arena_create(0);
    struct mem_data data;

    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    r->in = (struct att_token_labels){.n = n,
                                      .d = 1,
                                      .l = l,
                                      .d_out = 1,
                                      .n_classes = 2,
                                      .token = x,
                                      .label = label,
                                      .planted = ""};
    CU_ASSERT_EQUAL_FATAL(
        att_mem_ingest(&r->in, &rules, arena, &data, &r->refusal, NULL),
        ATT_OK);
    att_arena_destroy(arena);
}

static void faults_are_named(void)
{
    static const int64_t label[] = {0, 1, 0, 1};
    struct refused r;

    ingest(&r, (const double[]){1, 2, 1}, label, 1, 3);
    CU_ASSERT_STRING_EQUAL(r.refusal.text,
                           "duplicate token in sequence 0: positions [0, 2] "
                           "(vocabulary id 0)");
    ingest(&r, (const double[]){1, (double)NAN}, label, 1, 2);
    CU_ASSERT_STRING_EQUAL(r.refusal.text,
                           "non-finite number in sequence 0, token 1, "
                           "coordinate 0");
    ingest(&r, (const double[]){1, 2, 2, 1}, label, 2, 2);
    CU_ASSERT_STRING_EQUAL(r.refusal.text,
                           "inconsistent labels: (seq 0,tok 1) and (seq 1,tok "
                           "0) are the same token of the same set");
    ingest(&r, (const double[]){0.0, 2, -0.0, 1}, label, 2, 2);
    CU_ASSERT_EQUAL(r.refusal.kind, MEM_BUILT);
}

/* ---- vector 7 ---------------------------------------------------------------------- */

static void hardmax_cannot_and_softmax_can(void)
{
    static const struct {
        double lambda, s1[2], s8[2];
    } row[] = {{0.05,
                {4.860840879387, 4.811625525281},
                {6.783934352145, 6.633647891033}},
               {-0.05,
                {4.139159120613, 4.188374474719},
                {2.216065647855, 2.366352108967}},
               {0.0, {4.5, 4.5}, {4.5, 4.5}}};

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct one_task t;

        one_task_open(&t, "hardmax_pair", i);
        one_task_set(&t, "lambda", att_real(row[i].lambda));
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_get(&t, "collisions_same_token").i, 2);
        CU_ASSERT_TRUE(close(one_task_get(&t, "s1_first").r, row[i].s1[0]));
        CU_ASSERT_TRUE(close(one_task_get(&t, "s1_second").r, row[i].s1[1]));
        CU_ASSERT_TRUE(close(one_task_get(&t, "s8_first").r, row[i].s8[0]));
        CU_ASSERT_TRUE(close(one_task_get(&t, "s8_second").r, row[i].s8[1]));
        one_task_close(&t);
    }
}

/* ---- vector 8: lattices ---------------------------------------------------------------- */

struct lattice {
    struct att_arena *arena;
    struct mem_ids ids;
    uint32_t member[MOST * 3];
    size_t start[MOST + 1];
    double p[8];
    struct mem_build b;
};

/* The next ascending l-subset of m tokens; false after the last. */
static bool next_subset(uint32_t *x, size_t m, size_t l)
{
    size_t i = l;

    while (i > 0 && x[i - 1] + (l - i) + 1 == m)
        i--;
    if (i == 0)
        return false;
    x[i - 1]++;
    for (size_t j = i; j < l; j++)
        x[j] = x[j - 1] + 1;
    return true;
}

/* All L-subsets of m tokens in lexicographic order. */
static void add_subsets(struct lattice *t, size_t m, size_t l)
{
    uint32_t pick[8] = {0, 1, 2, 3, 4, 5, 6, 7};

    do {
        uint32_t *to = t->member + t->ids.n_contexts++ * l;

        for (size_t i = 0; i < l; i++)
            to[i] = pick[i];
    } while (next_subset(pick, m, l));
}

static void lattice_open(struct lattice *t, size_t m, size_t l, double lambda)
{
    memset(t, 0, sizeof *t);
    t->arena = att_arena_create(0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t->arena);
    add_subsets(t, m, l);
    for (size_t c = 0; c <= t->ids.n_contexts; c++)
        t->start[c] = c * l;
    t->ids.n_tokens = m;
    t->ids.start = t->start;
    t->ids.member = t->member;
    CU_ASSERT_EQUAL_FATAL(att_mem_ids_number(&t->ids, t->arena, NULL), ATT_OK);
    for (size_t k = 0; k < m; k++)
        t->p[k] = (double)(k + 1) / (double)m;
    t->b.at.p = t->p;
    t->b.at.p_min = t->p[0];
    t->b.at.p_max = t->b.at.high = 1.0;
    t->b.lambda = lambda;
    t->b.rho = 1.0;
    CU_ASSERT_EQUAL_FATAL(att_mem_finish(&t->ids, t->arena, &t->b, NULL),
                          ATT_OK);
}

static struct mem_certificate certify(struct lattice *t)
{
    struct mem_certificate cert;

    CU_ASSERT_EQUAL_FATAL(
        att_mem_certify(&t->ids, &t->b, t->arena, &cert, NULL), ATT_OK);
    return cert;
}

static void lattice_gaps_are_those_of_real_numbers(void)
{
    static const struct {
        size_t m, l, seqs, n_ids;
        double lambda, gap, max_z, bits;
    } row[] = {
        {4, 2, 6, 12, 2, 0.0023484321697697, 1.9056148328005, 9.6643429},
        {6, 3, 20, 60, 2, 7.0041565558854e-5, 1.8697006079085, 14.704236},
        {6, 3, 20, 60, 64, 1.9678207640237e-19, 2.0, 63.140035},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct lattice t;

        lattice_open(&t, row[i].m, row[i].l, row[i].lambda);
        const struct mem_certificate cert = certify(&t);

        CU_ASSERT_EQUAL(t.ids.n_contexts, row[i].seqs);
        CU_ASSERT_EQUAL(t.ids.n, row[i].n_ids);
        /* p = k/6 is rounded by 2^-54: relative to the third gap that would
         * show, were it not for lambda = 64, whose gap is e^-43 times p */
        CU_ASSERT_TRUE(fabs(cert.gap - row[i].gap) <=
                       1e-11 * row[i].gap + 0x1p-53 * (i < 2));
        CU_ASSERT_TRUE(fabs(t.b.max_z - row[i].max_z) <= 1e-12);
        CU_ASSERT_TRUE(fabs(-log2(cert.gap / t.b.max_z) - row[i].bits) <= 1e-6);
        att_arena_destroy(t.arena);
    }
}

/* lambda = 0: 25 different reals among 60 ids; more different floats. */
static void false_distinctness_is_caught(void)
{
    struct lattice t;
    double sorted[2 * 60];
    size_t n_floats = 1;

    lattice_open(&t, 6, 3, 0.0);
    const struct mem_certificate cert = certify(&t);

    for (size_t i = 0; i < 60; i++)
        sorted[i] = t.b.z[i];
    att_mem_sort(sorted, sorted + 60, 60);
    for (size_t i = 1; i < 60; i++)
        n_floats += sorted[i] != sorted[i - 1];
    CU_ASSERT_TRUE(n_floats > 25);
    CU_ASSERT_EQUAL(cert.n_resolved, 25);
    CU_ASSERT_TRUE(cert.gap < 4.0 * cert.e_bound);
    att_arena_destroy(t.arena);
}

/* ---- vector 9: Prouhet-Tarry-Escott ---------------------------------------------------- */

static void power_sums_hide_a_difference(void)
{
    static const double a[] = {0, 3, 5, 6, 20}, b[] = {1, 2, 4, 7, 20};
    static const struct {
        double log2_beta, log2_gap;
    } row[] = {{-16, -29.7371},
               {-8, -13.7626},
               {-4, -6.40722},
               {0, -16.0646},
               {2, -71.349}};

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        const double beta = exp2(row[i].log2_beta);
        const double gap =
            att_dd_sub(s_of(a, 5, beta, 1), s_of(b, 5, beta, 1)).hi;

        CU_ASSERT_TRUE(fabs(log2(fabs(gap)) - row[i].log2_gap) <= 1e-4);
    }
}

/* ---- vector 10 ---------------------------------------------------------------------------- */

/* 50 midpoints per cell and axis, decoded to the centres of their cells. */
static void cell_centres_have_the_closed_error(void)
{
    static const struct {
        size_t g;
        double worst;
    } row[] = {{4, 0.22938125}, {8, 0.1185953125}, {16, 0.060273828125}};

    for (size_t r = 0; r < sizeof row / sizeof row[0]; r++) {
        const size_t g = row[r].g, n = 50 * g;
        double worst = 0.0;

        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                const double x = ((double)i + 0.5) / (double)n;
                const double y = ((double)j + 0.5) / (double)n;
                const size_t a = i / 50, b = j / 50; /* cells */
                const double cx = ((double)a + 0.5) / (double)g;
                const double cy = ((double)b + 0.5) / (double)g;

                worst = fmax(worst, fabs(x * fmax(x, y) - cx * fmax(cx, cy)));
            }
        }
        CU_ASSERT_TRUE(fabs(worst - row[r].worst) <= 1e-14);
        CU_ASSERT_TRUE(worst <=
                       1.0 / (double)g - 0.25 / ((double)g * (double)g));
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"boltz has the printed values", boltz_has_the_printed_values},
        {"wide gaps agree with double-double",
         wide_gaps_agree_with_double_double},
        {"scalars of two small sets", scalars_of_two_small_sets},
        {"the theorem in numbers", the_theorem_in_numbers},
        {"parameters are counted", parameters_are_counted},
        {"faults are named", faults_are_named},
        {"hardmax cannot and softmax can", hardmax_cannot_and_softmax_can},
        {"lattice gaps are those of real numbers",
         lattice_gaps_are_those_of_real_numbers},
        {"false distinctness is caught", false_distinctness_is_caught},
        {"power sums hide a difference", power_sums_hide_a_difference},
        {"cell centres have the closed error",
         cell_centres_have_the_closed_error},
        CU_TEST_INFO_NULL,
    };

    return unit_run("memorization vectors", tests);
}
