/* test_groups.c - rows find their groups, and judges see what they should. */
#include "attest/base/rng.h"
#include "fake_study.h"
#include "unit.h"

static struct att_arena *arena, *scratch;

static int open_arenas(void)
{
    arena = att_arena_create(0);
    scratch = att_arena_create(0);
    return arena == NULL || scratch == NULL;
}

static int close_arenas(void)
{
    att_arena_destroy(arena);
    att_arena_destroy(scratch);
    return 0;
}

static struct att_claim_results judge(const struct att_row_source *source,
                                      size_t n)
{
    struct att_claim_results out = {0};
    struct att_error err = {0};

    CU_ASSERT_EQUAL_FATAL(
        att_judge_groups(source, n, arena, scratch, &out, &err), ATT_OK);
    CU_ASSERT_EQUAL(att_arena_used(scratch), 0);
    return out;
}

/* The results of one claim, in order; returns how many. */
static size_t results_of(const struct att_claim_results *all, int claim,
                         struct att_claim_result *out, size_t capacity)
{
    size_t n = 0;

    for (size_t i = 0; i < all->n; i++) {
        if (all->result[i].claim == &CLAIMS[claim] && n < capacity)
            out[n++] = all->result[i];
    }
    return n;
}

/* y = 50 N^-2 e^noise at d = 2 (N^-1 at d = 8), five replicates. */
static void fill(struct fake_study *s)
{
    const struct att_stream stream = att_stream(1, 2, 3, 4);

    begin_study(s);
    for (int d = 2; d <= 8; d *= 4) {
        for (int N = 2; N <= 32; N *= 2) {
            for (int r = 0; r < 5; r++) {
                const double noise = 0.05 * att_stream_normal(&stream, s->n);

                (void)add_row(s, N, d, "a", r,
                              50 * pow(N, d == 2 ? -2 : -1) * exp(noise));
            }
        }
    }
}

static void slopes_are_judged_per_group(void)
{
    struct fake_study s;
    struct att_claim_result r[4] = {{0}};

    fill(&s);
    const struct att_row_source source = source_of(&s, "one");
    const struct att_claim_results all = judge(&source, 1);

    CU_ASSERT_EQUAL_FATAL(results_of(&all, C_SLOPE, r, 4), 2);
    CU_ASSERT_STRING_EQUAL(r[0].group, "d=2 method=a");
    CU_ASSERT_EQUAL(r[0].finding.verdict, ATT_HOLDS);
    CU_ASSERT(r[0].finding.lo < -2 && r[0].finding.hi > -2.1);
    CU_ASSERT_STRING_EQUAL(r[1].group, "d=8 method=a");
    CU_ASSERT_EQUAL(r[1].finding.verdict, ATT_DEPARTS); /* not proved */
    CU_ASSERT_EQUAL(r[1].n, 25);
    CU_ASSERT_EQUAL(r[1].n_planned, 25);
    CU_ASSERT_STRING_EQUAL(r[1].sweep, "one");
    CU_ASSERT_TRUE(r[1].has_worst);
    CU_ASSERT_EQUAL(r[1].worst_key.low, 50); /* the last row of the group */
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void check_same(const struct att_claim_result *a,
                       const struct att_claim_result *b)
{
    CU_ASSERT_PTR_EQUAL(a->claim, b->claim);
    CU_ASSERT_STRING_EQUAL(a->group, b->group);
    CU_ASSERT_EQUAL(a->n, b->n);
    CU_ASSERT_EQUAL(a->n_planned, b->n_planned);
    CU_ASSERT_EQUAL(a->finding.verdict, b->finding.verdict);
    CU_ASSERT(same_number(a->finding.statistic, b->finding.statistic));
    CU_ASSERT(same_number(a->finding.lo, b->finding.lo));
    CU_ASSERT(same_number(a->finding.hi, b->finding.hi));
    CU_ASSERT(att_key_equal(a->worst_key, b->worst_key));
    CU_ASSERT_STRING_EQUAL(a->finding.note, b->finding.note);
}

/* 50 rows; 3, 7, 11 and 49 share no factor with 50. */
static void order_of_rows_changes_nothing(void)
{
    static const size_t steps[] = {3, 7, 11, 49};
    struct fake_study s;
    struct fake_study t;

    fill(&s);
    const struct att_row_source source = source_of(&s, "one");
    const struct att_claim_results a = judge(&source, 1);

    CU_ASSERT(a.n > 10);
    for (int k = 0; k < 4; k++) {
        shuffle_rows(&s, steps[k], 5, &t);
        const struct att_row_source shuffled = source_of(&t, "one");
        const struct att_claim_results b = judge(&shuffled, 1);

        CU_ASSERT_EQUAL_FATAL(a.n, b.n);
        for (size_t i = 0; i < a.n; i++)
            check_same(&a.result[i], &b.result[i]);
    }
}

static void rows_to_be_pooled_are_neighbours(void)
{
    struct fake_study s;
    struct att_claim_result r[4] = {{0}};

    begin_study(&s);
    for (int i = 7; i >= 0; i--) /* N 16 before 2, replicate 1 before 0 */
        (void)add_row(&s, i & 2 ? 16 : 2, 1 + i % 2, "b", i / 4, 1);
    const struct att_row_source source = source_of(&s, "one");
    const struct att_claim_results all = judge(&source, 1);

    /* everything but N is held; only what varies is named */
    CU_ASSERT_EQUAL_FATAL(results_of(&all, C_POINT, r, 4), 2);
    CU_ASSERT_STRING_EQUAL(r[0].group, "d=1");
    CU_ASSERT_STRING_EQUAL(r[1].group, "d=2");
    CU_ASSERT_STRING_EQUAL(r[0].finding.note, "2.0 2.1 16.0 16.1");
}

static void every_row_of_the_plan_is_accounted_for(void)
{
    struct fake_study s;
    struct att_claim_result r[4] = {{0}};

    begin_study(&s);
    (void)add_row(&s, 4, 2, "a", 0, 1);
    for (int status = ATT_FAILED; status < ATT_OUTCOMES; status++) {
        (void)add_row(&s, 4, 2, "a", status, 1);
        end_row(&s, (enum att_outcome_status)status);
    }
    const struct att_row_source source = source_of(&s, "one");
    const struct att_claim_results all = judge(&source, 1);

    CU_ASSERT_EQUAL_FATAL(results_of(&all, C_SAME_K, r, 4), 1);
    CU_ASSERT_STRING_EQUAL(r[0].group, "N=4 K=3");
    CU_ASSERT_EQUAL(r[0].n, 1);
    /* K is unknown of the rows that did not finish: they might belong; the
     * infeasible one is none of the theorem's */
    CU_ASSERT_EQUAL(r[0].n_planned, ATT_OUTCOMES - 1);
    CU_ASSERT_EQUAL_FATAL(results_of(&all, C_POINT, r, 4), 1);
    CU_ASSERT_EQUAL(r[0].n_planned, ATT_OUTCOMES - 1);
    CU_ASSERT_EQUAL(r[0].n_censored, 3); /* timeout, oom, skipped */
}

static void groups_without_a_done_row_are_not_judged(void)
{
    struct fake_study s;
    struct att_claim_result r[4] = {{0}};

    begin_study(&s);
    (void)add_row(&s, 4, 2, "a", 0, 1);
    end_row(&s, ATT_NOT_RUN);
    (void)add_row(&s, 4, 8, "a", 0, 1);
    end_row(&s, ATT_TIMEOUT);
    const struct att_row_source source = source_of(&s, "one");
    const struct att_claim_results all = judge(&source, 1);

    CU_ASSERT_EQUAL_FATAL(results_of(&all, C_POINT, r, 4), 2);
    CU_ASSERT_EQUAL(r[0].finding.verdict, ATT_NOT_APPLICABLE);
    CU_ASSERT_STRING_EQUAL(r[0].finding.note, "no row is done");
    CU_ASSERT_FALSE(r[0].has_worst);
    CU_ASSERT_EQUAL(r[1].finding.verdict, ATT_INCONCLUSIVE);
    CU_ASSERT_STRING_EQUAL(r[1].finding.note,
                           "all 1 rows were stopped by a limit or found "
                           "nothing");
}

static void study_claims_see_all_sweeps_and_no_row_twice(void)
{
    struct fake_study a;
    struct fake_study b;
    struct att_claim_result r[4] = {{0}};

    begin_study(&a);
    begin_study(&b);
    (void)add_row(&a, 4, 2, "a", 0, 5);
    (void)add_row(&a, 8, 2, "a", 0, 5);
    (void)add_row(&b, 4, 2, "a", 0, 5); /* key 1 again: the same row */
    (void)add_row(&b, 8, 2, "b", 1, 4);
    b.key[1] = (struct att_key){0, 77};
    const struct att_row_source source[] = {source_of(&a, "one"),
                                            source_of(&b, "two")};
    const struct att_claim_results all = judge(source, 2);

    CU_ASSERT_EQUAL_FATAL(results_of(&all, C_STUDY, r, 4), 2);
    CU_ASSERT_STRING_EQUAL(r[0].sweep, "");
    CU_ASSERT_STRING_EQUAL(r[0].finding.note, "1 rows");
    CU_ASSERT_EQUAL(r[0].n_planned, 1);
    CU_ASSERT_EQUAL(r[0].finding.verdict, ATT_HOLDS);
    CU_ASSERT_STRING_EQUAL(r[1].group, "N=8");
    CU_ASSERT_STRING_EQUAL(r[1].finding.note, "2 rows");
    CU_ASSERT_EQUAL(r[1].finding.verdict, ATT_VIOLATED);
    CU_ASSERT_EQUAL(r[1].worst_key.low, 77);
    CU_ASSERT_PTR_EQUAL(all.result[all.n - 1].claim, &CLAIMS[C_STUDY]);
}

static void other_families_stay_out_of_study_claims(void)
{
    static const struct att_problem elsewhere = {
        .name = "elsewhere", .params = PROBLEM_PARAMS, .n_params = 1};
    struct att_construction stranger = FAKE;
    struct fake_study a;
    struct fake_study b;
    struct att_claim_result r[4] = {{0}};

    stranger.family = "strangers";
    stranger.problem = &elsewhere;
    stranger.n_claims = 0;
    begin_study(&a);
    begin_study(&b);
    b.construction = &stranger;
    (void)add_row(&a, 4, 2, "a", 0, 5);
    (void)add_row(&b, 4, 2, "b", 0, 4);
    b.key[0].low = 9;
    const struct att_row_source source[] = {source_of(&a, "one"),
                                            source_of(&b, "two")};
    const struct att_claim_results all = judge(source, 2);

    const size_t n_results = results_of(&all, C_STUDY, r, 4);

    CU_ASSERT_EQUAL_FATAL(n_results, 1);
    CU_ASSERT_EQUAL(r[0].n, 1);
}

static void unknown_columns_are_named(void)
{
    static const struct att_claim claims[] = {{.id = "fake.typo",
                                               .scope = ATT_SCOPE_GROUP,
                                               .group_by = "N,dd",
                                               .judge = judge_order}};
    struct att_construction typo = FAKE;
    struct fake_study s;
    struct att_claim_results out = {0};
    struct att_error err = {0};

    typo.claims = claims;
    typo.n_claims = 1;
    begin_study(&s);
    s.construction = &typo;
    (void)add_row(&s, 4, 2, "a", 0, 5);
    const struct att_row_source source = source_of(&s, "one");

    CU_ASSERT_EQUAL(att_judge_groups(&source, 1, arena, scratch, &out, &err),
                    ATT_E_ARG);
    CU_ASSERT_STRING_EQUAL(err.text, "claim fake.typo speaks of column 'dd', "
                                     "which fake does not have");
}

static void empty_sweeps_have_no_results(void)
{
    struct fake_study s;

    begin_study(&s);
    const struct att_row_source source = source_of(&s, "one");

    CU_ASSERT_EQUAL(judge(&source, 1).n, 0);
    CU_ASSERT_EQUAL(judge(NULL, 0).n, 0);
}

static void too_little_memory_is_said(void)
{
    struct fake_study s;
    struct att_claim_results out = {0};
    size_t refusals = 0;

    fill(&s);
    const struct att_row_source source = source_of(&s, "one");

    for (uint64_t limit = 64; limit < 16384; limit += 64) {
        struct att_arena *small = att_arena_create(limit);
        struct att_error err = {0};

        CU_ASSERT_PTR_NOT_NULL_FATAL(small);
        const att_status status =
            att_judge_groups(&source, 1, arena, small, &out, &err);

        CU_ASSERT(status == ATT_OK || status == ATT_E_NOMEM);
        refusals += status == ATT_E_NOMEM;
        att_arena_destroy(small);
    }
    CU_ASSERT(refusals > 10);
}

/* A source that makes its rows up as it is asked. */
struct endless {
    struct att_value param[N_PARAMS], metric[N_METRICS];
};

static struct att_value endless_cell(const void *context, size_t i,
                                     uint32_t column)
{
    (void)context;
    if (column == P_METHOD)
        return att_text("a");
    if (column >= N_PARAMS)
        return column == N_PARAMS + M_Y ? att_real(1) : att_int(3);
    return att_int(column == P_N ? 1 + (int64_t)(i * 7919 % 1000) : 2);
}

static struct att_row_label endless_label(const void *context, size_t i)
{
    (void)context;
    return (struct att_row_label){
        .key = {0, i}, .replicate = (int64_t)i, .status = ATT_DONE};
}

static att_status endless_row(const void *context, size_t i,
                              struct att_arena *memory,
                              struct att_row_view *view, struct att_error *err)
{
    struct endless *row = ATT_NEW(memory, struct endless, 1);

    if (row == NULL)
        return att_arena_fail(memory, "a row", err);
    for (uint32_t k = 0; k < N_PARAMS; k++)
        row->param[k] = endless_cell(context, i, k);
    for (uint32_t k = 0; k < N_METRICS; k++)
        row->metric[k] = endless_cell(context, i, N_PARAMS + k);
    *view = (struct att_row_view){.construction = context,
                                  .param = row->param,
                                  .metric = row->metric,
                                  .replicate = (int64_t)i,
                                  .status = ATT_DONE};
    return ATT_OK;
}

/* 100 000 rows in 1000 groups of 100 fit in 60 bytes a row. */
static void large_sweeps_are_never_held_whole(void)
{
    const size_t n = 100000;
    struct att_construction grouped = FAKE;
    const struct att_row_source source = {.sweep = "endless",
                                          .construction = &grouped,
                                          .n = n,
                                          .context = &grouped,
                                          .label = endless_label,
                                          .cell = endless_cell,
                                          .row = endless_row};
    struct att_arena *bounded = att_arena_create(60 * n);
    struct att_claim_results out = {0};
    struct att_error err = {0};

    grouped.claims = &CLAIMS[C_SAME_K];
    grouped.n_claims = 1;
    CU_ASSERT_PTR_NOT_NULL_FATAL(bounded);
    CU_ASSERT_EQUAL(att_judge_groups(&source, 1, arena, bounded, &out, &err),
                    ATT_OK);
    CU_ASSERT_STRING_EQUAL(err.text, "");
    CU_ASSERT_EQUAL_FATAL(out.n, 1000);
    for (size_t i = 0; i < out.n; i++)
        CU_ASSERT_EQUAL(out.result[i].n, n / 1000);
    att_arena_destroy(bounded);
}

static struct att_row_label searching_label(const void *context, size_t i)
{
    struct att_row_label label = endless_label(context, i);

    label.not_found = i % 4 != 0;
    return label;
}

/* What it tried last says nothing about what it looked for. */
static void searches_that_found_nothing_are_censored(void)
{
    struct att_construction grouped = FAKE;
    const struct att_row_source source = {.sweep = "search",
                                          .construction = &grouped,
                                          .n = 1000,
                                          .context = &grouped,
                                          .label = searching_label,
                                          .cell = endless_cell,
                                          .row = endless_row};
    struct att_claim_results out = {0};
    struct att_error err = {0};
    size_t n = 0, n_censored = 0;

    grouped.claims = &CLAIMS[C_SAME_K];
    grouped.n_claims = 1;
    CU_ASSERT_EQUAL(att_judge_groups(&source, 1, arena, scratch, &out, &err),
                    ATT_OK);
    for (size_t i = 0; i < out.n; i++) {
        n += out.result[i].n;
        n_censored += out.result[i].n_censored;
    }
    CU_ASSERT_EQUAL(n, 250);
    CU_ASSERT_EQUAL(n_censored, 750);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"slopes are judged per group", slopes_are_judged_per_group},
        {"order of rows changes nothing", order_of_rows_changes_nothing},
        {"rows to be pooled are neighbours", rows_to_be_pooled_are_neighbours},
        {"every row of the plan is accounted for",
         every_row_of_the_plan_is_accounted_for},
        {"groups without a done row are not judged",
         groups_without_a_done_row_are_not_judged},
        {"study claims see all sweeps and no row twice",
         study_claims_see_all_sweeps_and_no_row_twice},
        {"other families stay out of study claims",
         other_families_stay_out_of_study_claims},
        {"unknown columns are named", unknown_columns_are_named},
        {"empty sweeps have no results", empty_sweeps_have_no_results},
        {"too little memory is said", too_little_memory_is_said},
        {"large sweeps are never held whole",
         large_sweeps_are_never_held_whole},
        {"searches that found nothing are censored",
         searches_that_found_nothing_are_censored},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("groups", open_arenas, close_arenas, tests);
}
