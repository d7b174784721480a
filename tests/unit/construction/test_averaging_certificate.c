/* test_averaging_certificate.c - certificates, and the vectors T7 and T8. */
#include "../../../src/construction/averaging/averaging_certificate_priv.h"

#include <string.h>

#include "one_task.h"
#include "unit.h"

static struct att_arena *arena;

static int begin(void)
{
    arena = att_arena_create(0);
    return arena == NULL;
}

static int end(void)
{
    att_arena_destroy(arena);
    return 0;
}

#if ATT_HAVE_LAPACKE
/* Keys 0, 1, 3: {1} lies between {0, 3} with mu = (2/3, 1/3). */
static void three_numbers_have_the_dependence_of_t8(void)
{
    double keys[] = {0, 1, 3};
    const struct att_mat u = {keys, 3, 1, 1};
    double lam[3];
    uint32_t y = 9;

    CU_ASSERT_EQUAL_FATAL(
        att_avg_radon(&(struct avg_radon){u, 3, 1, lam, &y}, arena, NULL),
        ATT_OK);
    CU_ASSERT_EQUAL(y, 1);
    CU_ASSERT_DOUBLE_EQUAL(lam[0], -2.0 / 3.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(lam[1], 1.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(lam[2], -1.0 / 3.0, 1e-12);
    CU_ASSERT_TRUE(att_avg_radon_residual(u, lam) < 1e-12);
}

static void a_set_without_room_is_refused_with_a_remedy(void)
{
    double keys[] = {0, 1, 3};
    const struct att_mat u = {keys, 3, 1, 1};
    double lam[3];
    uint32_t y[2];
    struct att_error err = {0};

    CU_ASSERT_EQUAL(
        att_avg_radon(&(struct avg_radon){u, 3, 2, lam, y}, arena, &err),
        ATT_E_INFEASIBLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "raise q or L"));
}
#endif

/* Pointers a = 101 are y = {1, 2, 5}; b = 010 is disjoint, b = 001 is not. */
static void disjointness_has_the_targets_of_t7(void)
{
    static const uint32_t y[] = {1, 2, 5};
    const double disjoint[] = {-1, -1, -1, 1, -1, -1, -1};
    const double meets[] = {-1, -1, -1, -1, -1, 1, -1};
    double out = 0.0;

    att_averaging_target(disjoint, 1, y, 3, &out);
    CU_ASSERT_EQUAL(out, -1.0);
    att_averaging_target(meets, 1, y, 3, &out);
    CU_ASSERT_DOUBLE_EQUAL(out, -1.0 / 3.0, 1e-16);
}

/* ---- census ---------------------------------------------------------------------- */

/* false: no CLP in this build. */
static bool export_census(struct one_task *r, const char *keys, int64_t d,
                          struct att_artifact *a)
{
    one_task_open_in(r, arena, "averaging_certificate", 3);
    one_task_text(r, "bound", "census");
    one_task_text(r, "keys", keys);
    one_task_int(r, "L", 8);
    one_task_int(r, "q", 2);
    one_task_int(r, "d", d);
    if (!one_task_run_supported(r))
        return false;
    att_artifact_init(a, arena);
    CU_ASSERT_EQUAL_FATAL(r->c->export_artifact(&r->ws, &r->at, a, NULL),
                          ATT_OK);
    return true;
}

static bool agrees(const struct one_task *r, const struct att_artifact *a)
{
    struct att_check_report report = {0};

    CU_ASSERT_EQUAL(r->c->check(a, arena, &report, NULL), ATT_OK);
    return report.agrees;
}

/* Chebyshev's coordinates of 8 points: shares of the 28 pairs by counting, 2,
 * 8, 18, 28, 28 (Table 13: .071, .286, .643, 1, 1). */
static void the_census_of_a_moment_curve_jumps_to_one_at_d_2q(void)
{
    static const double want[] = {2, 8, 18, 28, 28};

    for (int64_t d = 1; d <= 5; d++) {
        struct one_task r;
        struct att_artifact a;

        if (!export_census(&r, "chebyshev", d, &a))
            return;
        CU_ASSERT_DOUBLE_EQUAL(one_task_number(&r, "sep_share"),
                               want[d - 1] / 28.0, 1e-15);
        CU_ASSERT_TRUE(agrees(&r, &a));
    }
}

static void a_census_that_was_tampered_with_is_found_out(void)
{
    struct one_task r;
    struct att_artifact a;

    if (!export_census(&r, "gauss", 3, &a))
        return;
    CU_ASSERT_TRUE(agrees(&r, &a));
    const struct att_tensor *t = att_bundle_find(&a.witness, "decisions");
    double *x = t->data;
    size_t separable = 0;

    /* A dependence is claimed to be a hyperplane, a hyperplane is bent. */
    while (x[separable * t->shape[1]] != 1.0)
        separable++;
    double *row = x + separable * t->shape[1];

    row[0] = 0.0;
    CU_ASSERT_FALSE(agrees(&r, &a));
    row[0] = 1.0;
    row[1] = -row[1];
    row[2] = -row[2];
    row[3] = -row[3];
    CU_ASSERT_FALSE(agrees(&r, &a));
}

static void a_witness_of_no_bound_is_refused(void)
{
    struct one_task r;
    struct att_artifact a;
    struct att_check_report report;
    struct att_error err = {0};

    if (!export_census(&r, "gauss", 3, &a))
        return;
    const struct att_tensor *t = att_bundle_find(&a.witness, "bound");

    *(double *)t->data = 77.0;
    CU_ASSERT_EQUAL(r.c->check(&a, arena, &report, &err), ATT_E_ARG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "bound 77"));
}

/* ---- kernels ------------------------------------------------------------------------ */

/* A first layer of width 57 for 64 tokens: seven dimensions are not seen, and
 * some vector there is nearly constant on four tokens. */
static void a_narrow_first_layer_is_fooled_on_a_whole_set(void)
{
    struct one_task r;
    struct att_artifact a;

    one_task_open_in(&r, arena, "averaging_certificate", 3);
    one_task_text(&r, "bound", "kernel");
    one_task_int(&r, "slots", 57);
    if (!one_task_run_supported(&r))
        return;
    const int at = att_construction_find_metric(r.c, "witness");

    CU_ASSERT_TRUE(one_task_number(&r, "cert_err") > 0.5);
    CU_ASSERT_PTR_NOT_NULL(strstr(r.out.metric[at].s, "the same"));
    att_artifact_init(&a, arena);
    CU_ASSERT_EQUAL_FATAL(r.c->export_artifact(&r.ws, &r.at, &a, NULL), ATT_OK);
    CU_ASSERT_TRUE(agrees(&r, &a));
    double *v = att_bundle_find(&a.witness, "kernel")->data;

    v[0] += 0.25; /* no longer in the kernel */
    CU_ASSERT_FALSE(agrees(&r, &a));
}

int main(void)
{
    CU_TestInfo tests[] = {
#if ATT_HAVE_LAPACKE
        {"three numbers have the dependence of T8",
         three_numbers_have_the_dependence_of_t8},
        {"a set without room is refused with a remedy",
         a_set_without_room_is_refused_with_a_remedy},
#endif
        {"disjointness has the targets of T7",
         disjointness_has_the_targets_of_t7},
        {"the census of a moment curve jumps to one at d = 2q",
         the_census_of_a_moment_curve_jumps_to_one_at_d_2q},
        {"a census that was tampered with is found out",
         a_census_that_was_tampered_with_is_found_out},
        {"a witness of no bound is refused", a_witness_of_no_bound_is_refused},
        {"a narrow first layer is fooled on a whole set",
         a_narrow_first_layer_is_fooled_on_a_whole_set},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("averaging certificate", begin, end, tests);
}
