/* test_find.c - searches for the smallest and largest value that meets a
 * condition, and what their rows say. */
#include <math.h>

#include "ladder.h"

/* Run task 0 and count the trials that it takes. */
static struct att_row run_counted(struct bench *b, int64_t *n_trials)
{
    const struct att_task_run run = {
        .unit = {0, 0, 1},
        .attempt = 1,
        .limits = {.task_memory_bytes = (uint64_t)1 << 30},
        .context = n_trials};

    *n_trials = 0;
    return bench_run_as(b, &run);
}

static int64_t integer(const struct bench *b, const struct att_row *row,
                       const char *name)
{
    const struct att_value v = bench_metric(b, row, name);

    CU_ASSERT_EQUAL(v.kind, ATT_INTEGER);
    return v.i;
}

static bool missing(const struct bench *b, const struct att_row *row,
                    const char *name)
{
    return bench_metric(b, row, name).kind == ATT_NONE;
}

static const char *text_of(const struct bench *b, const struct att_row *row,
                           const char *name)
{
    const struct att_value v = bench_metric(b, row, name);

    return v.kind == ATT_TEXT ? v.s : "(missing)";
}

/* ---- what is found ------------------------------------------------------------------ */

static void the_smallest_value_is_found_and_described(void)
{
    struct bench b;
    int64_t n_trials = 0;

    open_find(&b, "ladder", "step: 37", SMALLEST);
    const struct att_row row = run_counted(&b, &n_trials);

    CU_ASSERT_EQUAL(row.status, ATT_DONE);
    CU_ASSERT_EQUAL(integer(&b, &row, "found"), 37);
    CU_ASSERT_EQUAL(integer(&b, &row, "first"), 37);
    CU_ASSERT_EQUAL(integer(&b, &row, "stable"), 37);
    CU_ASSERT_EQUAL(integer(&b, &row, "violations"), 0);
    CU_ASSERT_STRING_EQUAL(text_of(&b, &row, "found_note"), "");
    /* the construction has metrics, one of them called probes, at d = 37 */
    CU_ASSERT_EQUAL(row.param[P_D].i, 37);
    CU_ASSERT_EQUAL(integer(&b, &row, "accept"), 1);
    CU_ASSERT_EQUAL(bench_metric(&b, &row, "dev").r, 1.0 / 37);
    CU_ASSERT_STRING_EQUAL(text_of(&b, &row, "word"), "large");
    CU_ASSERT_TRUE(missing(&b, &row, "probes"));
    CU_ASSERT_EQUAL(row.verdict[0], ATT_HOLDS);
    /* strides, bisection, neighbours; perhaps once more for the metrics */
    const int64_t n_probes = integer(&b, &row, "find_probes");

    CU_ASSERT(n_probes <= 2 * 12 + 5);
    CU_ASSERT(n_trials - n_probes <= 1);
    bench_close(&b);
}

static void every_probe_is_a_line_in_ascending_order(void)
{
    struct bench b;
    int64_t n_trials = 0;

    open_find(&b, "ladder", "step: 37", SMALLEST);
    const struct att_row row = run_counted(&b, &n_trials);

    CU_ASSERT_EQUAL(row.n_observed, integer(&b, &row, "find_probes"));
    /* d, accepted, accept, dev, probes: no words and no timings */
    CU_ASSERT_EQUAL(row.n_observations, 5);
    for (size_t i = 0; i < row.n_observed; i++) {
        const double d = bench_cell(&b, &row, i, "d");

        CU_ASSERT_EQUAL(bench_cell(&b, &row, i, "accepted"), d >= 37);
        CU_ASSERT_EQUAL(bench_cell(&b, &row, i, "accept"), d >= 37);
        CU_ASSERT_EQUAL(bench_cell(&b, &row, i, "dev"), 1 / d);
        CU_ASSERT(i == 0 || bench_cell(&b, &row, i - 1, "d") < d);
        CU_ASSERT(d < 100);
    }
    bench_close(&b);
}

static void a_value_beyond_the_range_is_censored_not_missing(void)
{
    struct bench b;

    open_find(&b, "ladder", "mode: never", SMALLEST);
    const struct att_row row = bench_run(&b, 0);

    CU_ASSERT_EQUAL(row.status, ATT_DONE);
    CU_ASSERT_TRUE(missing(&b, &row, "found"));
    CU_ASSERT_TRUE(missing(&b, &row, "first"));
    CU_ASSERT_TRUE(missing(&b, &row, "stable"));
    CU_ASSERT_STRING_EQUAL(text_of(&b, &row, "found_note"),
                           "not found up to 8192");
    CU_ASSERT_EQUAL(row.param[P_D].i, 8192);
    CU_ASSERT_EQUAL(integer(&b, &row, "accept"), 0);
    bench_close(&b);
}

static void an_answer_at_the_lower_end_says_so(void)
{
    struct bench b;

    open_find(&b, "ladder", "step: 1", SMALLEST);
    const struct att_row row = bench_run(&b, 0);

    CU_ASSERT_EQUAL(integer(&b, &row, "found"), 2);
    CU_ASSERT_STRING_EQUAL(text_of(&b, &row, "found_note"),
                           "holds at 2, the lower end of the range");
    bench_close(&b);
}

static void the_largest_value_is_found(void)
{
    static const struct {
        const char *grid, *note;
        int64_t found; /* 0: none */
    } CASE[] = {
        {"mode: down, step: 300", "", 299},
        {"mode: down, step: 9000", "holds at 8192, the upper end of the range",
         8192},
        {"mode: never", "not found down to 2", 0},
    };

    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        struct bench b;

        open_find(&b, "ladder", CASE[i].grid,
                  "largest: d, such_that: accept == 1, between: [2, 8192]");
        const struct att_row row = bench_run(&b, 0);
        const struct att_value found = bench_metric(&b, &row, "found");

        CU_ASSERT_EQUAL(found.kind == ATT_NONE, CASE[i].found == 0);
        CU_ASSERT(CASE[i].found == 0 || found.i == CASE[i].found);
        CU_ASSERT_STRING_EQUAL(text_of(&b, &row, "found_note"), CASE[i].note);
        bench_close(&b);
    }
}

/* 37 is accepted, 38 is not, from 39 on all are. */
static void a_dent_is_counted_and_passed(void)
{
    struct bench b;

    open_find(&b, "ladder", "mode: dent, step: 37", SMALLEST);
    const struct att_row row = bench_run(&b, 0);

    CU_ASSERT_EQUAL(integer(&b, &row, "found"), 39);
    CU_ASSERT_EQUAL(integer(&b, &row, "stable"), 39);
    CU_ASSERT_EQUAL(integer(&b, &row, "first"), 37);
    CU_ASSERT_EQUAL(integer(&b, &row, "violations"), 1);
    bench_close(&b);
}

static void choices_and_lists_are_searched_in_their_order(void)
{
    struct bench b;

    open_find(&b, "ladder", "step: 0",
              "smallest: d, such_that: d * d > 50, among: [3, 5, 8, 100]");
    const struct att_row row = bench_run(&b, 0);

    CU_ASSERT_EQUAL(integer(&b, &row, "found"), 8);
    bench_close(&b);
    bench_open(&b,
               "name: x\nseed: 5\nsweeps:\n  - construction: ladder\n"
               "    grid: {step: 2, d: 9}\n    find: {smallest: keys, "
               "such_that: keys ~= 'sign', among: [sign, hadamard, gauss]}\n",
               KNOWN, 2);
    const struct att_row chosen = bench_run(&b, 0);

    CU_ASSERT_STRING_EQUAL(text_of(&b, &chosen, "found"), "hadamard");
    CU_ASSERT_STRING_EQUAL(chosen.param[P_KEYS].s, "hadamard");
    CU_ASSERT_EQUAL(bench_cell(&b, &chosen, 1, "candidate"), 1);
    bench_close(&b);
}

/* ---- what stands in the way ---------------------------------------------------------- */

static void refusals_without_metrics_are_not_accepted(void)
{
    struct bench b;

    open_find(&b, "ladder", "mode: missing, step: 5",
              "smallest: d, such_that: dev < 0.19, between: [2, 8192]");
    const struct att_row row = bench_run(&b, 0);

    CU_ASSERT_EQUAL(row.status, ATT_DONE);
    CU_ASSERT_EQUAL(integer(&b, &row, "found"), 10);
    CU_ASSERT(isnan(bench_cell(&b, &row, 0, "dev")));
    CU_ASSERT_EQUAL(bench_cell(&b, &row, 0, "accepted"), 0);
    bench_close(&b);
}

static void points_that_the_theorem_does_not_cover_are_not_accepted(void)
{
    struct bench b;

    open_find(&b, "ladder", "mode: late, step: 3", SMALLEST);
    const struct att_row row = bench_run(&b, 0);

    CU_ASSERT_EQUAL(row.status, ATT_DONE);
    CU_ASSERT_EQUAL(integer(&b, &row, "found"), 20);
    bench_close(&b);
    open_find(&b, "ladder", "mode: outside", SMALLEST);
    const struct att_row none = bench_run(&b, 0);

    CU_ASSERT_EQUAL(none.status, ATT_INFEASIBLE);
    CU_ASSERT_STRING_EQUAL(none.message, "d = 2: d is too small");
    CU_ASSERT_EQUAL(none.verdict[0], ATT_NOT_APPLICABLE);
    bench_close(&b);
}

static void a_probe_that_is_too_large_ends_the_search_and_keeps_the_others(void)
{
    struct bench b;

    open_find(&b, "ladder", "mode: heavy, step: 3000", SMALLEST);
    const struct att_row row = bench_run(&b, 0);

    CU_ASSERT_EQUAL(row.status, ATT_SKIPPED);
    CU_ASSERT_STRING_EQUAL(row.message, "d = 129: needs 1 TiB > 1 GiB");
    CU_ASSERT_STRING_EQUAL(text_of(&b, &row, "found_note"),
                           "not found up to 65");
    CU_ASSERT_TRUE(missing(&b, &row, "found"));
    CU_ASSERT_TRUE(missing(&b, &row, "accept"));
    CU_ASSERT_EQUAL(row.n_observed, integer(&b, &row, "find_probes"));
    CU_ASSERT_EQUAL(row.n_observed, 7); /* 2 3 5 9 17 33 65 */
    bench_close(&b);
}

static void a_probe_that_fails_ends_the_search_with_its_reason(void)
{
    struct bench b;

    open_find(&b, "ladder", "mode: broken, step: 3000", SMALLEST);
    const struct att_row row = bench_run(&b, 0);

    CU_ASSERT_EQUAL(row.status, ATT_FAILED);
    CU_ASSERT_STRING_EQUAL(row.message, "d = 33: the residual is 3");
    bench_close(&b);
}

static void a_condition_that_cannot_be_computed_fails(void)
{
    struct bench b;

    open_find(&b, "ladder", "step: 3000",
              "smallest: d, between: [2, 8192], such_that: "
              "(function() while dev < 0.2 do end return false end)()");
    const struct att_row row = bench_run(&b, 0);

    CU_ASSERT_EQUAL(row.status, ATT_FAILED);
    CU_ASSERT_PTR_NOT_NULL(strstr(row.message, "d = 9: "));
    bench_close(&b);
}

/* ---- profiles -------------------------------------------------------------------------- */

static void one_pass_answers_for_a_whole_stride(void)
{
    struct bench b;
    int64_t n_trials = 0;

    open_find(&b, "profile", "step: 700", SMALLEST);
    const struct att_row row = run_counted(&b, &n_trials);

    CU_ASSERT_EQUAL(row.status, ATT_DONE);
    CU_ASSERT_EQUAL(integer(&b, &row, "found"), 700);
    CU_ASSERT_EQUAL(integer(&b, &row, "violations"), 0);
    CU_ASSERT_EQUAL(row.param[P_D].i, 700);
    CU_ASSERT_EQUAL(bench_metric(&b, &row, "dev").r, 1.0 / 700);
    CU_ASSERT_EQUAL(row.n_observed, integer(&b, &row, "find_probes"));
    CU_ASSERT(row.n_observed > 300);
    CU_ASSERT(n_trials < 12);
    for (size_t i = 0; i < row.n_observed; i++) {
        const double d = bench_cell(&b, &row, i, "d");

        CU_ASSERT_EQUAL(bench_cell(&b, &row, i, "accepted"), d >= 700);
        CU_ASSERT_EQUAL(bench_cell(&b, &row, i, "twice"), 2 * d);
        CU_ASSERT(d < 1100);
    }
    bench_close(&b);
}

static void profiles_and_single_probes_find_the_same(void)
{
    static const char *const GRID[] = {"step: 2",
                                       "step: 63",
                                       "step: 64",
                                       "step: 65",
                                       "step: 66",
                                       "step: 5000",
                                       "mode: never",
                                       "step: 8192",
                                       "mode: down, step: 40",
                                       "mode: down, step: 4000"};

    for (size_t i = 0; i < sizeof GRID / sizeof GRID[0]; i++) {
        const bool down = strstr(GRID[i], "down") != NULL;
        struct att_value found[2];
        char find[100];

        (void)snprintf(find, sizeof find,
                       "%s: d, such_that: accept == 1, between: [2, 8192]",
                       down ? "largest" : "smallest");
        for (int k = 0; k < 2; k++) {
            struct bench b;

            open_find(&b, KNOWN[k]->name, GRID[i], find);
            const struct att_row row = bench_run(&b, 0);

            CU_ASSERT_EQUAL(row.status, ATT_DONE);
            found[k] = bench_metric(&b, &row, "found");
            bench_close(&b);
        }
        CU_ASSERT(att_value_equal(found[0], found[1]));
    }
}

/* The first line of 40 is not accepted, and so 40 is not. */
static void all_lines_of_a_candidate_have_to_agree(void)
{
    struct bench b;

    open_find(&b, "profile", "mode: pair, step: 40", SMALLEST);
    const struct att_row row = bench_run(&b, 0);

    CU_ASSERT_EQUAL(row.status, ATT_DONE);
    CU_ASSERT_EQUAL(integer(&b, &row, "found"), 41);
    CU_ASSERT_EQUAL(row.n_observed, 2 * integer(&b, &row, "find_probes"));
    for (size_t i = 0; i < row.n_observed; i++) {
        const double d = bench_cell(&b, &row, i, "d");

        CU_ASSERT_EQUAL(bench_cell(&b, &row, i, "accepted"), d > 40);
        CU_ASSERT_EQUAL(bench_cell(&b, &row, i, "twice"),
                        2 * d - (double)(i % 2 == 0));
    }
    bench_close(&b);
}

static void probes_do_not_add_up_in_memory(void)
{
    const struct att_task_run run = {.unit = {0, 0, 1},
                                     .limits = {.task_memory_bytes = 2 << 20}};
    struct bench b;

    open_find(&b, "ladder", "mode: bulky, step: 37", SMALLEST);
    const struct att_row row = bench_run_as(&b, &run);

    CU_ASSERT_EQUAL(row.status, ATT_DONE);
    CU_ASSERT_EQUAL(integer(&b, &row, "found"), 37);
    CU_ASSERT(row.arena_bytes > 1 << 20 && row.arena_bytes <= 2 << 20);
    bench_close(&b);
}

/* ---- shares ------------------------------------------------------------------------------ */

/* Instances of kind b shift the step by one with probability 1/2. */
static void a_share_of_the_replicates_decides(void)
{
    struct bench b;

    open_find(&b, "ladder", "step: 37, seeds: b",
              "smallest: d, such_that: accept == 1, between: [2, 8192], "
              "share: 0.9");
    CU_ASSERT_EQUAL(att_plan_size(b.plan), 1);
    const struct att_row row = bench_run(&b, 0);

    CU_ASSERT_EQUAL(row.status, ATT_DONE);
    CU_ASSERT_EQUAL(row.replicate, 0);
    CU_ASSERT_EQUAL(integer(&b, &row, "found"), 38);
    for (size_t i = 0; i < row.n_observed; i++) {
        const double d = bench_cell(&b, &row, i, "d");
        const double share = bench_cell(&b, &row, i, "share");
        const double lo = bench_cell(&b, &row, i, "share_lo");
        const double hi = bench_cell(&b, &row, i, "share_hi");

        CU_ASSERT_EQUAL(bench_cell(&b, &row, i, "n_replicates"), 20);
        CU_ASSERT_EQUAL(bench_cell(&b, &row, i, "accepted"), share >= 0.9);
        CU_ASSERT(lo <= share && share <= hi && lo >= 0 && hi <= 1);
        CU_ASSERT(d == 37 ? share > 0 && share < 1 : share == (d > 37));
    }
    bench_close(&b);
}

/* ---- artifacts ----------------------------------------------------------------------------- */

static void a_search_is_remade_at_the_value_of_its_row(void)
{
    struct bench b;
    struct att_artifact artifact;
    struct att_outcome outcome;

    open_find(&b, "profile", "step: 700", SMALLEST);
    const struct att_row row = bench_run(&b, 0);
    const struct att_task_remake what = {
        .number = 0, .searched = row.param[P_D], .arena = b.arena};

    CU_ASSERT_EQUAL_FATAL(
        att_task_artifact(b.env, &what, &artifact, &outcome, NULL), ATT_OK);
    const struct att_tensor *const d = att_bundle_find(&artifact.witness, "d");

    CU_ASSERT_PTR_NOT_NULL(d);
    if (d != NULL)
        CU_ASSERT_EQUAL(*(const double *)d->data, 700);
    for (uint32_t m = 0; m < N_METRICS; m++)
        CU_ASSERT(att_value_equal(outcome.metric[m], row.metric[m]));
    bench_close(&b);
}

/* ---- checkpoints --------------------------------------------------------------------------- */

struct keeper {
    int64_t n_trials; /* first: evaluate counts through ws->context */
    struct att_buffer state[40];
    size_t n;
};

static void keep(void *context, const void *bytes, size_t n)
{
    struct keeper *const keeper = context;

    if (keeper->n < sizeof keeper->state / sizeof keeper->state[0])
        att_buffer_append(&keeper->state[keeper->n++], bytes, n);
}

static struct att_row run_kept(struct bench *b, struct keeper *keeper,
                               const struct att_buffer *saved)
{
    struct att_task_run run = {
        .unit = {0, 0, 1}, .attempt = 1, .context = keeper, .checkpoint = keep};

    if (saved != NULL) {
        run.saved = saved->data;
        run.saved_bytes = saved->size;
    }
    keeper->n_trials = 0;
    return bench_run_as(b, &run);
}

static bool same_results(const struct att_row *a, const struct att_row *b)
{
    const size_t n_cells = (size_t)a->n_observed * a->n_observations;
    bool same = a->n_observed == b->n_observed && a->status == b->status;

    for (uint32_t m = 0; m < a->n_metrics; m++)
        same = same && att_value_equal(a->metric[m], b->metric[m]);
    for (size_t i = 0; same && i < n_cells; i++) {
        same = att_value_equal(att_real(a->observation[i]),
                               att_real(b->observation[i]));
    }
    return same;
}

/* Killed after any probe, a search goes on to the same row. */
static void check_goes_on(const char *construction, const char *find)
{
    struct bench b;
    struct keeper first = {0};

    open_find(&b, construction, "mode: slow, step: 21", find);
    const struct att_row whole = run_kept(&b, &first, NULL);

    CU_ASSERT_FATAL(first.n > 0);
    for (size_t i = 0; i < first.n; i++) {
        struct keeper second = {0};
        const struct att_row row = run_kept(&b, &second, &first.state[i]);

        CU_ASSERT_TRUE(same_results(&row, &whole));
        CU_ASSERT(second.n_trials < first.n_trials);
        for (size_t k = 0; k < second.n; k++)
            att_buffer_fini(&second.state[k]);
    }
    for (size_t i = 0; i < first.n; i++)
        att_buffer_fini(&first.state[i]);
    bench_close(&b);
}

static void a_killed_search_goes_on_to_the_same_row(void)
{
    check_goes_on("ladder",
                  "smallest: d, such_that: accept == 1, between: [18, 24]");
    check_goes_on("profile",
                  "smallest: d, such_that: accept == 1, between: [18, 2000]");
}

static void a_state_that_is_not_its_own_is_not_looked_at(void)
{
    struct bench b;
    struct keeper keeper = {0}, other = {0};

    open_find(&b, "ladder", "mode: slow, step: 21",
              "smallest: d, such_that: accept == 1, between: [20, 22]");
    const struct att_row whole = run_kept(&b, &keeper, NULL);
    const int64_t n_trials = keeper.n_trials;

    CU_ASSERT_FATAL(keeper.n > 0);
    keeper.state[0].data[9] ^= 1; /* of the key */
    const struct att_row foreign = run_kept(&b, &other, &keeper.state[0]);

    CU_ASSERT_EQUAL(other.n_trials, n_trials);
    CU_ASSERT_TRUE(same_results(&foreign, &whole));
    keeper.state[0].data[9] ^= 1;
    keeper.state[0].data[25] ^= 1; /* of the columns' id */
    (void)run_kept(&b, &other, &keeper.state[0]);
    CU_ASSERT_EQUAL(other.n_trials, n_trials);
    keeper.state[0].size /= 2;
    (void)run_kept(&b, &other, &keeper.state[0]);
    CU_ASSERT_EQUAL(other.n_trials, n_trials);
    for (size_t i = 0; i < 40; i++) {
        att_buffer_fini(&keeper.state[i]);
        att_buffer_fini(&other.state[i]);
    }
    bench_close(&b);
}

static void a_search_is_never_sliced(void)
{
    const struct att_task_run run = {.unit = {0, 0, 2}};
    struct bench b;
    struct att_buffer out = {0};

    open_find(&b, "ladder", "step: 3", SMALLEST);
    CU_ASSERT_EQUAL(att_task_run(b.env, &run, &out, NULL), ATT_E_ARG);
    att_buffer_fini(&out);
    bench_close(&b);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the smallest value is found and described",
         the_smallest_value_is_found_and_described},
        {"every probe is a line in ascending order",
         every_probe_is_a_line_in_ascending_order},
        {"a value beyond the range is censored, not missing",
         a_value_beyond_the_range_is_censored_not_missing},
        {"an answer at the lower end says so",
         an_answer_at_the_lower_end_says_so},
        {"the largest value is found", the_largest_value_is_found},
        {"a dent is counted and passed", a_dent_is_counted_and_passed},
        {"choices and lists are searched in their order",
         choices_and_lists_are_searched_in_their_order},
        {"refusals without metrics are not accepted",
         refusals_without_metrics_are_not_accepted},
        {"points that the theorem does not cover are not accepted",
         points_that_the_theorem_does_not_cover_are_not_accepted},
        {"a probe that is too large ends the search and keeps the others",
         a_probe_that_is_too_large_ends_the_search_and_keeps_the_others},
        {"a probe that fails ends the search with its reason",
         a_probe_that_fails_ends_the_search_with_its_reason},
        {"a condition that cannot be computed fails",
         a_condition_that_cannot_be_computed_fails},
        {"one pass answers for a whole stride",
         one_pass_answers_for_a_whole_stride},
        {"profiles and single probes find the same",
         profiles_and_single_probes_find_the_same},
        {"all lines of a candidate have to agree",
         all_lines_of_a_candidate_have_to_agree},
        {"probes do not add up in memory", probes_do_not_add_up_in_memory},
        {"a share of the replicates decides",
         a_share_of_the_replicates_decides},
        {"a search is remade at the value of its row",
         a_search_is_remade_at_the_value_of_its_row},
        {"a killed search goes on to the same row",
         a_killed_search_goes_on_to_the_same_row},
        {"a state that is not its own is not looked at",
         a_state_that_is_not_its_own_is_not_looked_at},
        {"a search is never sliced", a_search_is_never_sliced},
        CU_TEST_INFO_NULL,
    };

    return unit_run("find", tests);
}
