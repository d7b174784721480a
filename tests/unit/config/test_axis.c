/* test_axis.c - values of axes: found again, without repetition. */
#include "attest/config/axis.h"

#include <string.h>

#include "attest/base/rng.h"
#include "unit.h"

static const uint32_t FIRST[] = {0};
static const uint32_t BOTH[] = {2, 0};

static void a_rule_finds_its_integers_and_no_others(void)
{
    const struct att_axis axis = {
        .n_params = 1, .param = FIRST, .n = 4, .from = -3, .step = 5};
    static const int64_t off[] = {-8, -4, -2, 13, 17, INT64_MIN, INT64_MAX};
    uint64_t position = 99;

    for (uint64_t i = 0; i < axis.n; i++) {
        const struct att_value v = att_axis_value(&axis, i, 0);

        CU_ASSERT_EQUAL(v.i, -3 + 5 * (int64_t)i);
        CU_ASSERT_TRUE(att_axis_find(&axis, &v, &position));
        CU_ASSERT_EQUAL(position, i);
    }
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++) {
        const struct att_value v = att_int(off[i]);

        CU_ASSERT_FALSE(att_axis_find(&axis, &v, &position));
    }
    const struct att_value real = att_real(2);
    CU_ASSERT_FALSE(att_axis_find(&axis, &real, &position));
}

static void a_rule_may_span_half_of_all_integers(void)
{
    const struct att_axis axis = {.n_params = 1,
                                  .param = FIRST,
                                  .n = INT64_MAX,
                                  .from = INT64_MIN / 2,
                                  .step = 1};
    uint64_t position = 0;
    const struct att_value last = att_axis_value(&axis, axis.n - 1, 0);

    CU_ASSERT_EQUAL(last.i, INT64_MIN / 2 + (INT64_MAX - 1));
    CU_ASSERT_TRUE(att_axis_find(&axis, &last, &position));
    CU_ASSERT_EQUAL(position, axis.n - 1);
}

/* ---- repetition -------------------------------------------------------------- */

enum { N = 200, WIDTH = 2 };

static struct att_value random_value(const struct att_stream *s, uint64_t w,
                                     uint32_t k)
{
    static const char *const words[] = {"a", "b", "c", "dd"};
    const uint32_t x = att_stream_below(s, w, 16);

    if (k == 0)
        return att_text(words[x % 4]);
    return x % 2 == 0 ? att_real(x / 4.0) : att_real(-(double)x);
}

static bool same_tuple(const struct att_value *a, const struct att_value *b)
{
    return att_value_equal(a[0], b[0]) && att_value_equal(a[1], b[1]);
}

/* What a reader does: keep a tuple unless it was there before. */
static uint64_t keep_first(const struct att_value *value,
                           struct att_value *kept)
{
    uint64_t n = 0;

    for (size_t i = 0; i < N; i++) {
        bool seen = false;

        for (uint64_t k = 0; k < n && !seen; k++)
            seen = same_tuple(&kept[k * WIDTH], &value[i * WIDTH]);
        if (!seen) {
            memcpy(&kept[n * WIDTH], &value[i * WIDTH], WIDTH * sizeof *kept);
            n++;
        }
    }
    return n;
}

static void repeated_tuples_go_and_the_rest_is_found(void)
{
    for (uint32_t trial = 0; trial < 50; trial++) {
        const struct att_stream s = att_stream(5, 0, 0, trial);
        struct att_value value[N * WIDTH];
        struct att_value kept[N * WIDTH];
        uint32_t order[N];
        uint32_t scratch[N];

        for (uint32_t i = 0; i < N * WIDTH; i++)
            value[i] = random_value(&s, i, i % WIDTH);
        const uint64_t n = keep_first(value, kept);
        CU_ASSERT_EQUAL_FATAL(att_axis_unique(value, N, WIDTH, order, scratch),
                              n);
        const struct att_axis axis = {.n_params = WIDTH,
                                      .param = BOTH,
                                      .n = n,
                                      .value = value,
                                      .order = order};
        for (uint64_t i = 0; i < n; i++) {
            uint64_t position = UINT64_MAX;
            const struct att_value p[] = {kept[i * WIDTH + 1], att_none(),
                                          kept[i * WIDTH]};

            CU_ASSERT_TRUE(same_tuple(&value[i * WIDTH], &kept[i * WIDTH]));
            CU_ASSERT_TRUE(att_axis_find(&axis, p, &position));
            CU_ASSERT_EQUAL(position, i);
        }
        const struct att_value absent[] = {att_real(0.125), att_none(),
                                           att_text("a")};
        uint64_t position = 0;
        CU_ASSERT_FALSE(att_axis_find(&axis, absent, &position));
    }
}

static void ascending_values_need_no_order(void)
{
    struct att_value value[] = {att_int(-1), att_int(0), att_int(7)};
    uint32_t order[3] = {9, 9, 9};
    uint32_t scratch[3];
    uint64_t position = 9;

    CU_ASSERT_EQUAL(att_axis_unique(value, 3, 1, order, scratch), 3);
    for (uint32_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(order[i], i);
    const struct att_axis axis = {
        .n_params = 1, .param = FIRST, .n = 3, .value = value};
    const struct att_value seven = att_int(7);
    CU_ASSERT_TRUE(att_axis_find(&axis, &seven, &position));
    CU_ASSERT_EQUAL(position, 2);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a rule finds its integers and no others",
         a_rule_finds_its_integers_and_no_others},
        {"a rule may span half of all integers",
         a_rule_may_span_half_of_all_integers},
        {"repeated tuples go and the rest is found",
         repeated_tuples_go_and_the_rest_is_found},
        {"ascending values need no order", ascending_values_need_no_order},
        CU_TEST_INFO_NULL,
    };

    return unit_run("axis", tests);
}
