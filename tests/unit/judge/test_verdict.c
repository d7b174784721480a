/* test_verdict.c - row claims, and the word that only proof deserves. */
#include "fake_study.h"
#include "unit.h"

static enum att_verdict verdict_of(struct fake_study *s, double y, int claim)
{
    begin_study(s);
    (void)add_row(s, 4, 2, "a", 0, y);
    return (enum att_verdict)s->verdict[0][claim];
}

static void only_what_is_proved_is_violated(void)
{
    struct fake_study s;

    CU_ASSERT_EQUAL(verdict_of(&s, 99, C_BOUND), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of(&s, 101, C_BOUND), ATT_VIOLATED);
    CU_ASSERT_EQUAL(verdict_of(&s, 99, C_LAW), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of(&s, 101, C_LAW), ATT_DEPARTS);
}

static void other_scopes_do_not_apply_to_a_row(void)
{
    struct fake_study s;

    CU_ASSERT_EQUAL(verdict_of(&s, 1, C_SLOPE), ATT_NOT_APPLICABLE);
    CU_ASSERT_EQUAL(verdict_of(&s, 1, C_STUDY), ATT_NOT_APPLICABLE);
}

static void rows_that_are_not_done_are_not_judged(void)
{
    struct fake_study s;

    for (int status = 0; status < ATT_OUTCOMES; status++) {
        begin_study(&s);
        add_row(&s, 4, 2, "a", 0, 101)->status =
            (enum att_outcome_status)status;
        att_judge_row(&s.view[0], NULL, s.verdict[0]);
        CU_ASSERT_EQUAL(s.verdict[0][C_BOUND],
                        status == ATT_DONE ? ATT_VIOLATED : ATT_NOT_APPLICABLE);
    }
}

static void findings_keep_their_numbers(void)
{
    struct fake_study s;
    struct att_finding f;

    (void)verdict_of(&s, 101, C_BOUND);
    att_judge_row_claim(&s.view[0], C_BOUND, NULL, &f);
    CU_ASSERT_EQUAL(f.statistic, 101);
    CU_ASSERT_EQUAL(f.predicted, 100);
    CU_ASSERT(isnan(f.lo) && isnan(f.hi));
}

static void judge_silent(const struct att_rows *rows, struct att_finding *f)
{
    (void)rows;
    (void)f;
}

static void judge_wild(const struct att_rows *rows, struct att_finding *f)
{
    (void)ATT_NEW(rows->scratch, double, 1000);
    f->verdict = (enum att_verdict)7;
    f->worst = rows->n;
    memset(f->note, 'x', sizeof f->note);
}

static void a_silent_judge_says_not_applicable(void)
{
    const struct att_claim claim = {.standing = ATT_PROVED,
                                    .judge = judge_silent};
    const struct att_rows rows = {0};
    struct att_finding f = {.verdict = ATT_VIOLATED};

    att_judge_claim(&claim, &rows, &f);
    CU_ASSERT_EQUAL(f.verdict, ATT_NOT_APPLICABLE);
    CU_ASSERT(isnan(f.statistic));
    CU_ASSERT_STRING_EQUAL(f.note, "");
}

static void a_wild_judge_is_brought_to_order(void)
{
    const struct att_claim claim = {.standing = ATT_PROVED,
                                    .judge = judge_wild};
    struct fake_study s;
    struct att_arena *scratch = att_arena_create(0);
    struct att_finding f;

    CU_ASSERT_PTR_NOT_NULL_FATAL(scratch);
    (void)verdict_of(&s, 1, C_BOUND);
    const struct att_rows rows = {.row = s.view, .n = 1, .scratch = scratch};

    att_judge_claim(&claim, &rows, &f);
    CU_ASSERT_EQUAL(f.verdict, ATT_INCONCLUSIVE);
    CU_ASSERT_STRING_EQUAL(f.note, "the judge gave 7, which is no verdict");
    CU_ASSERT_EQUAL(f.worst, 0);
    CU_ASSERT_EQUAL(att_arena_used(scratch), 0);
    att_arena_destroy(scratch);
}

static void the_worse_of_two_verdicts_speaks(void)
{
    static const enum att_verdict order[] = {ATT_NOT_APPLICABLE, ATT_HOLDS,
                                             ATT_INCONCLUSIVE, ATT_DEPARTS,
                                             ATT_VIOLATED};

    for (int i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(att_verdict_severity(order[i]), i);
        CU_ASSERT_TRUE(att_verdict_legal((int)order[i]));
        for (int k = 0; k < 5; k++) {
            CU_ASSERT_EQUAL(att_verdict_worse(order[i], order[k]),
                            order[i > k ? i : k]);
        }
    }
    CU_ASSERT_FALSE(att_verdict_legal(2));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"only what is proved is violated", only_what_is_proved_is_violated},
        {"other scopes do not apply to a row",
         other_scopes_do_not_apply_to_a_row},
        {"rows that are not done are not judged",
         rows_that_are_not_done_are_not_judged},
        {"findings keep their numbers", findings_keep_their_numbers},
        {"a silent judge says not applicable",
         a_silent_judge_says_not_applicable},
        {"a wild judge is brought to order", a_wild_judge_is_brought_to_order},
        {"the worse of two verdicts speaks", the_worse_of_two_verdicts_speaks},
        CU_TEST_INFO_NULL,
    };

    return unit_run("verdict", tests);
}
