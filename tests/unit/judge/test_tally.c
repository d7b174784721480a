/* test_tally.c - counts of verdicts, and the row that decides. */
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

static struct att_claim_tallies tally(struct fake_study *s)
{
    const struct att_row_source source = source_of(s, "one");
    struct att_claim_results results = {0};
    struct att_claim_tallies out = {0};

    CU_ASSERT_EQUAL(
        att_judge_groups(&source, 1, arena, scratch, &results, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_judge_tally(&source, 1, &results, arena, &out, NULL),
                    ATT_OK);
    CU_ASSERT_EQUAL_FATAL(out.n, N_CLAIMS);
    return out;
}

static void fill(struct fake_study *s)
{
    begin_study(s);
    (void)add_row(s, 16, 2, "a", 0, 200);
    (void)add_row(s, 4, 8, "a", 0, 300);
    (void)add_row(s, 4, 2, "a", 1, 200);
    (void)add_row(s, 4, 2, "a", 0, 50);
    (void)add_row(s, 2, 2, "a", 0, 1);
    (void)add_row(s, 2, 2, "a", 1, 1);
    end_row(s, ATT_TIMEOUT);
    (void)add_row(s, 1, 2, "a", 0, 1);
    end_row(s, ATT_INFEASIBLE);
}

static void verdicts_of_rows_are_counted(void)
{
    struct fake_study s;

    fill(&s);
    const struct att_claim_tallies t = tally(&s);
    const struct att_claim_tally *bound = &t.tally[C_BOUND];
    const struct att_claim_tally *law = &t.tally[C_LAW];

    CU_ASSERT_EQUAL(bound->n_planned, 6);
    CU_ASSERT_EQUAL(bound->n_judged, 5);
    CU_ASSERT_EQUAL(bound->count[ATT_TALLY_HOLDS], 2);
    CU_ASSERT_EQUAL(bound->count[ATT_TALLY_VIOLATED], 3);
    CU_ASSERT_EQUAL(bound->verdict, ATT_VIOLATED);
    CU_ASSERT_EQUAL(law->count[ATT_TALLY_DEPARTS], 3);
    CU_ASSERT_EQUAL(law->verdict, ATT_DEPARTS);
}

/* Of the violations (16, 2), (4, 8), (4, 2) the last has the smallest
 * parameters: key 3, in whatever order the rows stand. */
static void the_simplest_of_the_worst_rows_decides(void)
{
    static const size_t steps[] = {1, 2, 3, 4, 5, 6};
    struct fake_study s;
    struct fake_study t;

    fill(&s);
    for (int k = 0; k < 6; k++) {
        shuffle_rows(&s, steps[k], 2, &t); /* 7 rows: every step is coprime */
        const struct att_claim_tally *bound = &tally(&t).tally[C_BOUND];

        CU_ASSERT_TRUE(bound->has_worst);
        CU_ASSERT_EQUAL(bound->worst_key.low, 3);
    }
}

static void groups_are_counted_as_groups(void)
{
    struct fake_study s;

    fill(&s);
    const struct att_claim_tallies t = tally(&s);
    const struct att_claim_tally *same = &t.tally[C_SAME_K];

    CU_ASSERT_EQUAL(same->n_judged, 3); /* N = 2, 4, 16 */
    CU_ASSERT_EQUAL(same->count[ATT_TALLY_HOLDS], 3);
    CU_ASSERT_STRING_EQUAL(same->sweep, "one");
    CU_ASSERT_STRING_EQUAL(same->group, "N=2 K=1");
    CU_ASSERT_STRING_EQUAL(same->note, "1 + 0");
    CU_ASSERT_STRING_EQUAL(t.tally[C_STUDY].sweep, "");
    CU_ASSERT_EQUAL(t.tally[C_STUDY].n_judged, 3);
}

static void stored_numbers_are_not_trusted(void)
{
    struct fake_study s;

    begin_study(&s);
    (void)add_row(&s, 4, 2, "a", 0, 1);
    (void)add_row(&s, 4, 2, "a", 1, 1);
    s.verdict[0][C_LAW] = 5;
    s.verdict[1][C_LAW] = ATT_VIOLATED; /* was proved once */
    const struct att_claim_tally *law = &tally(&s).tally[C_LAW];

    CU_ASSERT_EQUAL(law->count[ATT_TALLY_INCONCLUSIVE], 1);
    CU_ASSERT_EQUAL(law->count[ATT_TALLY_DEPARTS], 1);
    CU_ASSERT_EQUAL(law->count[ATT_TALLY_VIOLATED], 0);
}

static void policies_differ_in_what_they_mind(void)
{
    static const struct {
        size_t violated, departs;
        bool nothing, proved, any;
    } cases[] = {{0, 0, false, false, false},
                 {0, 1, false, false, true},
                 {1, 0, false, true, true}};

    for (int i = 0; i < 3; i++) {
        struct att_claim_tally t = {0};
        const struct att_claim_tallies all = {&t, 1};

        t.count[ATT_TALLY_VIOLATED] = cases[i].violated;
        t.count[ATT_TALLY_DEPARTS] = cases[i].departs;
        CU_ASSERT_EQUAL(att_tally_fails(&all, ATT_FAIL_ON_NOTHING),
                        cases[i].nothing);
        CU_ASSERT_EQUAL(att_tally_fails(&all, ATT_FAIL_ON_PROVED),
                        cases[i].proved);
        CU_ASSERT_EQUAL(att_tally_fails(&all, ATT_FAIL_ON_ANY), cases[i].any);
    }
}

static void totals_sum_over_claims(void)
{
    struct fake_study s;
    size_t count[ATT_TALLY_SLOTS];

    fill(&s);
    const struct att_claim_tallies t = tally(&s);
    size_t violated = 0;

    att_tally_total(&t, count);
    for (size_t i = 0; i < t.n; i++)
        violated += t.tally[i].count[ATT_TALLY_VIOLATED];
    CU_ASSERT_EQUAL(count[ATT_TALLY_VIOLATED], violated);
    CU_ASSERT(violated >= 3);
}

static void nothing_judged_has_no_worst_row(void)
{
    struct fake_study s;

    begin_study(&s);
    (void)add_row(&s, 4, 2, "a", 0, 1);
    end_row(&s, ATT_CRASHED);
    const struct att_claim_tallies t = tally(&s);

    for (int i = 0; i < N_CLAIMS; i++) {
        CU_ASSERT_FALSE(t.tally[i].has_worst);
        CU_ASSERT_EQUAL(t.tally[i].verdict, ATT_NOT_APPLICABLE);
        CU_ASSERT_EQUAL(t.tally[i].n_judged, 0);
    }
}

static void a_claim_applies_where_it_was_judged_and_said_something(void)
{
    static const struct {
        size_t n_judged, n_not_applicable;
        bool applies;
    } cases[] = {{0, 0, false}, {3, 3, false}, {3, 2, true}, {3, 0, true}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct att_claim_tally t = {
            .n_judged = cases[i].n_judged,
            .count = {[ATT_TALLY_NOT_APPLICABLE] = cases[i].n_not_applicable}};

        CU_ASSERT_EQUAL(att_tally_applies(&t), cases[i].applies);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"verdicts of rows are counted", verdicts_of_rows_are_counted},
        {"the simplest of the worst rows decides",
         the_simplest_of_the_worst_rows_decides},
        {"groups are counted as groups", groups_are_counted_as_groups},
        {"stored numbers are not trusted", stored_numbers_are_not_trusted},
        {"policies differ in what they mind",
         policies_differ_in_what_they_mind},
        {"totals sum over claims", totals_sum_over_claims},
        {"nothing judged has no worst row", nothing_judged_has_no_worst_row},
        {"a claim applies where it was judged and said something",
         a_claim_applies_where_it_was_judged_and_said_something},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("tally", open_arenas, close_arenas, tests);
}
