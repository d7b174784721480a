/* test_token_labels.c - what the generators promise. */
#include "attest/problem/token_labels.h"
#include "attest/problem/vector_pairs.h"

#include <math.h>
#include <string.h>

#include "unit.h"

struct draw {
    struct att_arena *arena;
    struct att_workspace ws;
    struct att_value p[ATT_TL_PARAMS];
    const struct att_token_labels *s;
};

static void draw_open(struct draw *t, const char *data, const int64_t size[3])
{
    struct att_error err = {0};
    void *instance = NULL;

    t->arena = att_arena_create(0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t->arena);
    att_workspace_init(&t->ws, t->arena, 7, 8);
    for (int i = 0; i < ATT_TL_PARAMS; i++)
        t->p[i] = att_param_default(&att_problem_token_labels.params[i]);
    t->p[ATT_TL_N] = att_int(size[0]);
    t->p[ATT_TL_L] = att_int(size[1]);
    t->p[ATT_TL_D] = att_int(size[2]);
    t->p[ATT_TL_DATA] = att_text(data);
    CU_ASSERT_EQUAL_FATAL(
        att_problem_token_labels.generate(&t->ws, t->p, &instance, &err),
        ATT_OK);
    t->s = instance;
}

static void more_sequences_extend_the_tokens(void)
{
    struct draw a, b;

    draw_open(&a, "fresh", (const int64_t[]){3, 4, 2});
    draw_open(&b, "fresh", (const int64_t[]){5, 4, 2});
    for (size_t i = 0; i < 24; i++)
        CU_ASSERT_EQUAL(a.s->token[i], b.s->token[i]);
    CU_ASSERT_EQUAL(memcmp(a.s->label, b.s->label, 12 * sizeof(int64_t)), 0);
    att_arena_destroy(a.arena);
    att_arena_destroy(b.arena);
}

static void shared_tokens_have_norms_from_one_half_to_one(void)
{
    struct draw t;

    draw_open(&t, "shared", (const int64_t[]){8, 4, 5});
    for (size_t i = 0; i < 32; i++) {
        double square = 0.0;

        for (size_t k = 0; k < 5; k++)
            square += t.s->token[i * 5 + k] * t.s->token[i * 5 + k];
        CU_ASSERT_TRUE(sqrt(square) > 0.5 - 1e-15 &&
                       sqrt(square) < 1.0 + 1e-15);
    }
    att_arena_destroy(t.arena);
}

static void the_vocabulary_follows_its_rule(void)
{
    struct draw t;

    draw_open(&t, "shared", (const int64_t[]){2, 2, 2});
    CU_ASSERT_EQUAL(att_token_labels_vocabulary(t.p), 5.0); /* C(5,2) >= 8 */
    t.p[ATT_TL_N] = att_int(256);
    t.p[ATT_TL_L] = att_int(64);
    CU_ASSERT_EQUAL(att_token_labels_vocabulary(t.p), 128.0);
    t.p[ATT_TL_L] = att_int(2);
    CU_ASSERT_EQUAL(att_token_labels_vocabulary(t.p), 46.0);
    att_arena_destroy(t.arena);
}

/* Sums of powers 1 .. k agree, the next one differs. */
static void halves_have_equal_power_sums(void)
{
    for (int64_t k = 1; k <= 4; k++) {
        const int64_t l = ((int64_t)1 << k) + 1;
        struct draw t;

        draw_open(&t, "pte", (const int64_t[]){2, l, 1});
        for (int64_t power = 1; power <= k + 1; power++) {
            double sum[2] = {0.0, 0.0};

            for (int64_t i = 0; i < 2 * l; i++)
                sum[i / l] += pow(t.s->token[i], (double)power);
            CU_ASSERT_EQUAL(sum[0] == sum[1], power <= k);
        }
        CU_ASSERT_EQUAL(t.s->token[l - 1], t.s->token[2 * l - 1]);
        att_arena_destroy(t.arena);
    }
}

static void impossible_points_are_named(void)
{
    static const struct {
        const char *data;
        int64_t n, l, d, c;
        const char *text; /* NULL: admitted */
    } point[] = {
        {"lattice", 2, 2, 1, 10, NULL},
        {"lattice", 2, 2, 2, 10,
         "data = lattice lies on a line: set d = 1 (got 2)"},
        {"pte", 2, 9, 1, 10, NULL},
        {"pte", 2, 8, 1, 10,
         "data = pte has N = 2 and L = 2^k + 1 for k = 1 .. 6 (got N = 2, L = "
         "8)"},
        {"pte", 3, 9, 1, 10,
         "data = pte has N = 2 and L = 2^k + 1 for k = 1 .. 6 (got N = 3, L = "
         "9)"},
        {"cluster", 2, 2, 1, 10,
         "data = cluster has only two unit tokens on a line: set d >= 2"},
        {"swap", 2, 2, 1, 10, NULL},
        {"bad_duplicate", 2, 1, 2, 10, "data = bad_duplicate needs L >= 2"},
        {"bad_labels", 1, 2, 2, 10,
         "data = bad_labels needs N >= 2 and C >= 2"},
        {"bad_labels", 2, 2, 2, 1, "data = bad_labels needs N >= 2 and C >= 2"},
        {"bad_labels", 2, 2, 2, 2, NULL},
        {"shared", 65537, 65535, 2, 10, NULL},
        {"shared", 65536, 65536, 2, 10,
         "N L = 4294967296 tokens cannot be numbered: lower N or L to at most "
         "2^32 - 1 of them"},
    };

    for (size_t i = 0; i < sizeof point / sizeof point[0]; i++) {
        struct att_value p[ATT_TL_PARAMS];
        struct att_error err = {0};

        for (int k = 0; k < ATT_TL_PARAMS; k++)
            p[k] = att_param_default(&att_problem_token_labels.params[k]);
        p[ATT_TL_DATA] = att_text(point[i].data);
        p[ATT_TL_N] = att_int(point[i].n);
        p[ATT_TL_L] = att_int(point[i].l);
        p[ATT_TL_D] = att_int(point[i].d);
        p[ATT_TL_C] = att_int(point[i].c);
        const bool fits = point[i].text == NULL;

        CU_ASSERT_EQUAL(att_token_labels_admit(p, &err),
                        fits ? ATT_OK : ATT_E_INFEASIBLE);
        CU_ASSERT_STRING_EQUAL(err.text, fits ? "" : point[i].text);
    }
}

static bool same_token(const struct att_token_labels *s, size_t a, size_t b)
{
    bool same = true;

    for (size_t k = 0; k < s->d; k++)
        same = same && s->token[a * s->d + k] == s->token[b * s->d + k];
    return same;
}

/* The fault is where the instance says it is, and nowhere else. */
static void faults_are_planted_where_they_are_named(void)
{
    struct draw t;

    draw_open(&t, "bad_duplicate", (const int64_t[]){3, 4, 2});
    CU_ASSERT_STRING_EQUAL(t.s->planted, "duplicate");
    CU_ASSERT_TRUE(t.s->planted_a == 8 && t.s->planted_b == 11);
    CU_ASSERT_TRUE(same_token(t.s, 8, 11));
    att_arena_destroy(t.arena);

    draw_open(&t, "bad_nonfinite", (const int64_t[]){3, 4, 2});
    CU_ASSERT_STRING_EQUAL(t.s->planted, "non_finite");
    CU_ASSERT_TRUE(t.s->planted_a == 11 && t.s->planted_b == 1);
    for (size_t i = 0; i < 24; i++)
        CU_ASSERT_EQUAL(isfinite(t.s->token[i]) == 0, i == 23);
    att_arena_destroy(t.arena);

    draw_open(&t, "bad_labels", (const int64_t[]){3, 4, 2});
    CU_ASSERT_STRING_EQUAL(t.s->planted, "inconsistent");
    CU_ASSERT_TRUE(t.s->planted_a == 0 && t.s->planted_b == 11);
    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_TRUE(same_token(t.s, i, 11 - i));
        CU_ASSERT_EQUAL(t.s->label[i] != t.s->label[11 - i], i == 0);
    }
    att_arena_destroy(t.arena);
}

static void entries_of_pairs_are_delta_apart(void)
{
    struct att_value p[ATT_VP_PARAMS];
    struct att_arena *arena = att_arena_create(0);
    struct att_workspace ws;
    void *instance = NULL;

    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    att_workspace_init(&ws, arena, 1, 2);
    for (int i = 0; i < ATT_VP_PARAMS; i++)
        p[i] = att_param_default(&att_problem_vector_pairs.params[i]);
    p[ATT_VP_DATA] = att_text("tail");
    CU_ASSERT_EQUAL_FATAL(
        att_problem_vector_pairs.generate(&ws, p, &instance, NULL), ATT_OK);
    const struct att_vector_pairs *v = instance;

    for (size_t i = 0; i < v->samples; i++) {
        const double *a = v->a + i * v->n, *b = v->b + i * v->n;

        size_t same = 0;

        for (size_t j = 0; j < v->n; j++)
            same += a[j] == b[j];
        CU_ASSERT_TRUE(same < v->n);
        for (size_t j = 0; j < v->n * v->n; j++) {
            const double d = fabs(a[j / v->n] - b[j % v->n]);

            CU_ASSERT_TRUE(d == 0.0 || d >= v->delta);
        }
    }
    att_arena_destroy(arena);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"more sequences extend the tokens", more_sequences_extend_the_tokens},
        {"shared tokens have norms from one half to one",
         shared_tokens_have_norms_from_one_half_to_one},
        {"the vocabulary follows its rule", the_vocabulary_follows_its_rule},
        {"halves have equal power sums", halves_have_equal_power_sums},
        {"impossible points are named", impossible_points_are_named},
        {"faults are planted where they are named",
         faults_are_planted_where_they_are_named},
        {"entries of pairs are delta apart", entries_of_pairs_are_delta_apart},
        CU_TEST_INFO_NULL,
    };

    return unit_run("token labels", tests);
}
