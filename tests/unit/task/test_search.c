/* test_search.c - what a search tries and finds, for every yes-and-no pattern
 * of a few candidates and for monotone ones of many. */
#include "attest/task/search.h"

#include <math.h>

#include "attest/base/rng.h"
#include "unit.h"

/* Acceptance of candidate i, i < 64, is bit i. */
struct pattern {
    uint64_t n, bits;
    bool largest;
};

static bool accepts(const struct pattern *p, uint64_t index)
{
    return (p->bits >> index & 1) != 0;
}

struct result {
    struct att_search_next end;
    struct att_search_summary sum;
    uint64_t n_probes;
    bool only_new; /* nothing was asked for twice */
    bool in_range; /* index, from and to are candidates in order */
};

static bool well_formed(const struct att_search_next *next, uint64_t n)
{
    return next->from <= next->index && next->index <= next->to && next->to < n;
}

/* Let the machine run against a pattern, one candidate at a time. */
static struct result search(const struct pattern *p, uint64_t stride)
{
    struct att_search s = {.n = p->n,
                           .largest = p->largest,
                           .stride = stride,
                           .arena = att_arena_create(0)};
    struct result r = {.only_new = true, .in_range = true};

    for (r.end = att_search_next(&s); r.end.step == ATT_SEARCH_TRY;
         r.end = att_search_next(&s)) {
        r.only_new = r.only_new && !att_search_knows(&s, r.end.index);
        r.in_range = r.in_range && well_formed(&r.end, p->n);
        CU_ASSERT_EQUAL_FATAL(
            att_search_add(&s, r.end.index, accepts(p, r.end.index), NULL),
            ATT_OK);
        CU_ASSERT_FATAL(s.n_probes <= p->n);
    }
    r.sum = att_search_summary(&s);
    r.n_probes = s.n_probes;
    att_arena_destroy(s.arena);
    return r;
}

/* Found means: accepted, the neighbour outside is refused (or there is none),
 * the neighbour inside is accepted (or there is none). */
static void check_found(const struct pattern *p, const struct result *r)
{
    const uint64_t i = r->end.index;
    const bool at_outer = p->largest ? i == p->n - 1 : i == 0;
    const bool at_inner = p->largest ? i == 0 : i == p->n - 1;

    CU_ASSERT_TRUE(accepts(p, i));
    CU_ASSERT_TRUE(at_outer || !accepts(p, p->largest ? i + 1 : i - 1));
    CU_ASSERT_TRUE(at_inner || accepts(p, p->largest ? i - 1 : i + 1));
    CU_ASSERT_TRUE(r->sum.has_stable && r->sum.stable == i);
    CU_ASSERT_TRUE(r->sum.has_first);
    CU_ASSERT_TRUE(p->largest ? r->sum.first >= i : r->sum.first <= i);
}

/* Nothing found means: the end of the range is refused. */
static void check_nothing(const struct pattern *p, const struct result *r)
{
    CU_ASSERT_FALSE(accepts(p, p->largest ? 0 : p->n - 1));
    CU_ASSERT_FALSE(r->sum.has_stable);
}

static void check_pattern(const struct pattern *p, uint64_t stride)
{
    const struct result r = search(p, stride);

    CU_ASSERT_TRUE(r.only_new && r.in_range);
    if (r.end.step == ATT_SEARCH_FOUND) {
        check_found(p, &r);
    } else {
        check_nothing(p, &r);
    }
}

static void every_pattern_of_ten_candidates_ends_in_a_step_or_nothing(void)
{
    for (uint64_t n = 1; n <= 10; n++) {
        for (uint64_t bits = 0; bits < UINT64_C(1) << n; bits++) {
            for (uint64_t stride = 1; stride <= 8; stride += 3) {
                check_pattern(&(struct pattern){n, bits, false}, stride);
                check_pattern(&(struct pattern){n, bits, true}, stride);
            }
        }
    }
}

static uint64_t below(uint64_t step)
{
    return step == 0 ? 0 : UINT64_MAX >> (64 - step);
}

/* All candidates from `step` on are accepted (below it, for the largest). */
static void a_monotone_step_is_found_wherever_it_is(void)
{
    for (uint64_t n = 1; n <= 60; n++) {
        for (uint64_t step = 0; step <= n; step++) {
            const struct result small =
                search(&(struct pattern){n, ~below(step), false}, 1);
            const struct result large =
                search(&(struct pattern){n, below(step), true}, 1);
            const double most = 2 * log2((double)n) + 5;

            CU_ASSERT_EQUAL(small.end.step == ATT_SEARCH_FOUND, step < n);
            CU_ASSERT_EQUAL(large.end.step == ATT_SEARCH_FOUND, step > 0);
            CU_ASSERT(small.end.step != ATT_SEARCH_FOUND ||
                      small.end.index == step);
            CU_ASSERT(large.end.step != ATT_SEARCH_FOUND ||
                      large.end.index == step - 1);
            CU_ASSERT_EQUAL(small.sum.n_violations, 0);
            CU_ASSERT_EQUAL(large.sum.n_violations, 0);
            CU_ASSERT((double)small.n_probes <= most);
            CU_ASSERT((double)large.n_probes <= most);
        }
    }
}

/* 2^40 candidates, a step at 1000: nothing above 2047 is ever tried. */
static void a_search_never_pays_for_candidates_far_above_the_answer(void)
{
    for (int largest = 0; largest < 2; largest++) {
        struct att_search s = {.n = UINT64_C(1) << 40,
                               .largest = largest != 0,
                               .stride = 1,
                               .arena = att_arena_create(0)};
        struct att_search_next next = att_search_next(&s);
        uint64_t highest = 0;

        while (next.step == ATT_SEARCH_TRY) {
            const bool above = next.index >= 1000;

            highest = next.index > highest ? next.index : highest;
            CU_ASSERT_EQUAL_FATAL(
                att_search_add(&s, next.index, above != s.largest, NULL),
                ATT_OK);
            next = att_search_next(&s);
        }
        CU_ASSERT_EQUAL(next.step, ATT_SEARCH_FOUND);
        CU_ASSERT_EQUAL(next.index, s.largest ? 999 : 1000);
        CU_ASSERT(highest < 2048);
        att_arena_destroy(s.arena);
    }
}

/* . . A . A A A A: probes 0 1 3 7 | 5 4 | 3 known, 5 known, 2 */
static void violations_are_counted_and_the_first_acceptance_is_told(void)
{
    const struct pattern p = {8, 0xF4, false};
    const struct result r = search(&p, 1);

    CU_ASSERT_EQUAL(r.end.step, ATT_SEARCH_FOUND);
    CU_ASSERT_EQUAL(r.end.index, 4);
    CU_ASSERT_EQUAL(r.sum.stable, 4);
    CU_ASSERT_EQUAL(r.sum.first, 2);
    CU_ASSERT_EQUAL(r.sum.n_violations, 1);
}

/* . A . A A: a refusal above the step sends the search on. */
static void a_refusal_above_the_step_sends_the_search_on(void)
{
    const struct pattern p = {5, 0x1A, false};
    const struct result r = search(&p, 1);

    CU_ASSERT_EQUAL(r.end.step, ATT_SEARCH_FOUND);
    CU_ASSERT_EQUAL(r.end.index, 3);
    CU_ASSERT_EQUAL(r.sum.first, 1);
    CU_ASSERT_EQUAL(r.sum.n_violations, 1);
}

/* Answers may come for a whole stride, in any order, and twice. */
static void what_is_learnt_beside_the_wish_counts(void)
{
    struct att_search s = {
        .n = 1000, .stride = 64, .arena = att_arena_create(0)};
    struct att_search_next next = att_search_next(&s);

    CU_ASSERT_EQUAL(next.index, 63);
    CU_ASSERT_EQUAL(next.from, 0);
    CU_ASSERT_EQUAL(next.to, 63);
    for (uint64_t i = 64; i-- > 0;)
        CU_ASSERT_EQUAL(att_search_add(&s, i, i >= 40, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_search_add(&s, 40, false, NULL), ATT_OK);
    next = att_search_next(&s);
    CU_ASSERT_EQUAL(next.step, ATT_SEARCH_FOUND);
    CU_ASSERT_EQUAL(next.index, 40);
    CU_ASSERT_EQUAL(s.n_probes, 64);
    att_arena_destroy(s.arena);
}

static void the_list_of_probes_grows_and_reports_a_lack_of_memory(void)
{
    struct att_search s = {
        .n = 100000, .stride = 1, .arena = att_arena_create(1 << 14)};
    att_status status = ATT_OK;
    uint64_t n = 0;

    while (status == ATT_OK && n < s.n)
        status = att_search_add(&s, n++, false, NULL);
    CU_ASSERT_EQUAL(status, ATT_E_NOMEM);
    CU_ASSERT_EQUAL(s.n_probes, n - 1);
    CU_ASSERT_TRUE(att_search_knows(&s, n - 2));
    att_arena_destroy(s.arena);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every pattern of ten candidates ends in a step or nothing",
         every_pattern_of_ten_candidates_ends_in_a_step_or_nothing},
        {"a monotone step is found wherever it is",
         a_monotone_step_is_found_wherever_it_is},
        {"a search never pays for candidates far above the answer",
         a_search_never_pays_for_candidates_far_above_the_answer},
        {"violations are counted and the first acceptance is told",
         violations_are_counted_and_the_first_acceptance_is_told},
        {"a refusal above the step sends the search on",
         a_refusal_above_the_step_sends_the_search_on},
        {"what is learnt beside the wish counts",
         what_is_learnt_beside_the_wish_counts},
        {"the list of probes grows and reports a lack of memory",
         the_list_of_probes_grows_and_reports_a_lack_of_memory},
        CU_TEST_INFO_NULL,
    };

    return unit_run("search", tests);
}
