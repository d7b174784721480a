/* test_sequences.c - labelled sequences: what each kind promises. */
#include "attest/problem/sequences.h"

#include <math.h>
#include <string.h>

#include "unit.h"

static const struct att_problem *const P = &att_problem_sequences;

struct fixture {
    struct att_arena *arena;
    struct att_workspace ws;
    struct att_value p[ATT_SEQ_PARAMS];
};

static void open_at(struct fixture *f, const char *kind, int64_t n, int64_t d,
                    int64_t l)
{
    f->arena = att_arena_create(0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f->arena);
    att_workspace_init(&f->ws, f->arena, 2026, 7);
    for (uint32_t i = 0; i < P->n_params; i++)
        f->p[i] = att_param_default(&P->params[i]);
    f->p[ATT_SEQ_N] = att_int(n);
    f->p[ATT_SEQ_D] = att_int(d);
    f->p[ATT_SEQ_L] = att_int(l);
    f->p[ATT_SEQ_DATA] = att_text(kind);
}

static void finish(struct fixture *f)
{
    att_arena_destroy(f->arena);
}

static const struct att_sequences *make(struct fixture *f)
{
    void *instance = NULL;
    struct att_error err = {0};
    const att_status status = P->generate(&f->ws, f->p, &instance, &err);

    CU_ASSERT_EQUAL_FATAL(status, ATT_OK);
    return instance;
}

static struct att_key set_of(struct fixture *f, const struct att_sequences *s,
                             size_t j, size_t *n_unique)
{
    struct att_key *scratch = ATT_NEW(f->arena, struct att_key, s->longest);
    double *row = ATT_NEW(f->arena, double, s->d);

    return att_token_set_key(att_sequence(s, j), att_sequence_length(s, j),
                             s->d, scratch, row, n_unique);
}

struct kind_row {
    const char *kind;
    int64_t n, d, l;
    size_t shortest, longest; /* of all sequences */
};

static const struct kind_row KINDS[] = {
    {"gauss", 9, 3, 5, 5, 5},
    {"mixed", 64, 2, 5, 1, 5},
    {"unif", 9, 3, 5, 5, 5},
    {"vocab", 40, 3, 6, 1, 16},
    {"powerset", 9, 3, 4, 1, 3},
    {"nested", 7, 3, 7, 1, 7},
    {"sub1", 7, 3, 6, 6, 6},
    {"collinear", 64, 3, 5, 1, 5},
    {"dup", 9, 3, 8, 6, 6},
    {"origin", 9, 3, 5, 6, 6},
    {"grid", 200, 2, 1, 1, 1},
    {"near", 9, 3, 5, 5, 5},
    {"bad_equal", 9, 3, 5, 5, 6},
    {"bad_tie", 9, 3, 5, 4, 6},
    {"bad_unseparable", 9, 3, 1, 2, 2},
};

enum { N_KINDS = sizeof KINDS / sizeof KINDS[0] };

static void every_kind_has_the_lengths_it_promises(void)
{
    for (size_t k = 0; k < N_KINDS; k++) {
        const struct kind_row *row = &KINDS[k];
        struct fixture f;
        size_t shortest = SIZE_MAX, longest = 0;

        open_at(&f, row->kind, row->n, row->d, row->l);
        const struct att_sequences *s = make(&f);

        for (size_t j = 0; j < s->n; j++) {
            const size_t l = att_sequence_length(s, j);

            shortest = l < shortest ? l : shortest;
            longest = l > longest ? l : longest;
            CU_ASSERT_TRUE(s->label[j] >= 0 && s->label[j] < 4);
        }
        CU_ASSERT_EQUAL(longest, s->longest);
        CU_ASSERT_TRUE(longest <= row->longest);
        CU_ASSERT_TRUE(shortest >= row->shortest);
        CU_ASSERT_TRUE((double)s->total <= att_sequences_tokens(f.p));
        for (size_t i = 0; i < s->total * s->d; i++)
            CU_ASSERT_TRUE(isfinite(s->token[i]));
        finish(&f);
    }
}

/* All good kinds are pairwise different as sets. */
static void sets_are_pairwise_different(void)
{
    for (size_t k = 0; k < N_KINDS; k++) {
        struct fixture f;

        open_at(&f, KINDS[k].kind, KINDS[k].n, KINDS[k].d, KINDS[k].l);
        const struct att_sequences *s = make(&f);
        struct att_key *key = ATT_NEW(f.arena, struct att_key, s->n);
        size_t n_equal = 0;

        for (size_t j = 0; j < s->n; j++) {
            key[j] = set_of(&f, s, j, NULL);
            for (size_t i = 0; i < j; i++)
                n_equal += att_key_equal(key[i], key[j]);
        }
        CU_ASSERT_EQUAL(n_equal, strcmp(KINDS[k].kind, "bad_equal") == 0);
        finish(&f);
    }
}

static bool same_prefix(const struct att_sequences *a,
                        const struct att_sequences *b)
{
    for (size_t j = 0; j < a->n; j++) {
        if (a->label[j] != b->label[j])
            return false;
        for (size_t i = 0; i < att_sequence_length(a, j); i++) {
            if (memcmp(att_sequence(a, j) + i * a->d,
                       att_sequence(b, j) + i * b->d,
                       a->d * sizeof(double)) != 0)
                return false;
        }
    }
    return true;
}

static void larger_extents_extend_what_was_there(void)
{
    static const char *const kinds[] = {"gauss", "unif", "origin"};

    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        struct fixture small, large;

        open_at(&small, kinds[k], 3, 3, 4);
        open_at(&large, kinds[k], 5, 6, 9);
        CU_ASSERT_TRUE(same_prefix(make(&small), make(&large)));
        finish(&small);
        finish(&large);
    }
}

static void one_point_gives_one_instance(void)
{
    struct fixture a, b;

    open_at(&a, "vocab", 64, 3, 6);
    open_at(&b, "vocab", 64, 3, 6);
    (void)att_arena_alloc(b.arena, 1, 1234);
    CU_ASSERT_TRUE(same_prefix(make(&a), make(&b)));
    finish(&a);
    finish(&b);
}

/* sub1: sequence j is the base without token j, so their union has N. */
static void sub1_leaves_out_one_token_each(void)
{
    struct fixture f;
    size_t n_unique = 0;
    struct att_key scratch[42];
    double row[2];

    open_at(&f, "sub1", 7, 2, 6);
    const struct att_sequences *s = make(&f);

    (void)att_token_set_key(s->token, s->total, s->d, scratch, row, &n_unique);
    CU_ASSERT_EQUAL(n_unique, 7);
    finish(&f);
}

static void near_sequences_differ_by_eps_in_one_token(void)
{
    struct fixture f, base;

    open_at(&f, "near", 6, 4, 5);
    open_at(&base, "near", 6, 4, 5);
    f.p[ATT_SEQ_EPS] = att_real(0.25);
    base.p[ATT_SEQ_EPS] = att_real(1e-300);
    const struct att_sequences *s = make(&f), *b = make(&base);

    for (size_t j = 0; j < s->n; j++) {
        double moved = 0.0;

        for (size_t i = 0; i < 5 * s->d; i++)
            moved += pow(att_sequence(s, j)[i] - att_sequence(b, j)[i], 2.0);
        /* d + 2 roundings of numbers below 8 */
        CU_ASSERT_DOUBLE_EQUAL(sqrt(moved), 0.25, 1e-14);
    }
    finish(&f);
    finish(&base);
}

static void planted_faults_are_announced(void)
{
    struct fixture f;
    size_t n_unique = 0;

    open_at(&f, "bad_equal", 5, 2, 3);
    const struct att_sequences *s = make(&f);

    CU_ASSERT_STRING_EQUAL(s->planted, "equal_sets");
    CU_ASSERT_TRUE(s->planted_i < s->planted_j);
    CU_ASSERT_TRUE(att_key_equal(set_of(&f, s, s->planted_i, NULL),
                                 set_of(&f, s, s->planted_j, &n_unique)));
    CU_ASSERT_EQUAL(n_unique, 3);
    CU_ASSERT_NOT_EQUAL(s->label[s->planted_i], s->label[s->planted_j]);
    finish(&f);
    open_at(&f, "gauss", 5, 2, 3);
    CU_ASSERT_STRING_EQUAL(make(&f)->planted, "");
    finish(&f);
}

static void signs_of_zero_order_and_copies_do_not_name_a_set(void)
{
    static const double a[] = {0.0, 1.0, 2.0, 3.0};
    static const double b[] = {2.0, 3.0, -0.0, 1.0, 2.0, 3.0};
    struct att_key scratch[3];
    double row[2];
    size_t n_unique = 0;
    const struct att_key ka = att_token_set_key(a, 2, 2, scratch, row, NULL);
    const struct att_key kb =
        att_token_set_key(b, 3, 2, scratch, row, &n_unique);
    const struct att_key kc = att_token_set_key(b, 1, 2, scratch, row, NULL);

    CU_ASSERT_TRUE(att_key_equal(ka, kb));
    CU_ASSERT_FALSE(att_key_equal(ka, kc));
    CU_ASSERT_EQUAL(n_unique, 2);
}

struct admit_row {
    const char *kind;
    int64_t n, d, l, c;
    const char *text; /* NULL: admitted */
};

static void impossible_points_say_why(void)
{
    static const struct admit_row rows[] = {
        {"sub1", 8, 2, 7, 4, NULL},
        {"sub1", 8, 2, 8, 4, "data = sub1 has L = 7 at N = 8 (got L = 8)"},
        {"sub1", 1, 2, 1, 4, "data = sub1 needs N >= 2 (got 1)"},
        {"nested", 8, 2, 7, 4, "data = nested has L = 8 at N = 8 (got L = 7)"},
        {"powerset", 8, 2, 4, 4, NULL},
        {"powerset", 7, 2, 4, 4,
         "data = powerset has L = 3 at N = 7 (got L = 4)"},
        {"grid", 289, 2, 1, 4, NULL},
        {"grid", 290, 2, 1, 4,
         "data = grid has only 17^d sets of one token: N = 290 is too many "
         "for d = 2"},
        {"bad_tie", 1, 2, 4, 4, "data = bad_tie needs N >= 2 (got 1)"},
        {"bad_equal", 4, 2, 4, 1,
         "data = bad_equal needs two labels: set C >= 2"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct att_error err = {0};
        struct fixture f;

        open_at(&f, rows[i].kind, rows[i].n, rows[i].d, rows[i].l);
        f.p[ATT_SEQ_C] = att_int(rows[i].c);
        CU_ASSERT_EQUAL(att_sequences_admit(f.p, &err),
                        rows[i].text == NULL ? ATT_OK : ATT_E_INFEASIBLE);
        CU_ASSERT_STRING_EQUAL(err.text,
                               rows[i].text == NULL ? "" : rows[i].text);
        finish(&f);
    }
}

static void small_memory_is_reported(void)
{
    struct fixture f;
    struct att_error err = {0};
    void *instance = NULL;

    open_at(&f, "gauss", 1000, 8, 100);
    att_arena_reset(f.arena, 1 << 20);
    CU_ASSERT_EQUAL(P->generate(&f.ws, f.p, &instance, &err), ATT_E_NOMEM);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "tokens"));
    CU_ASSERT_PTR_NULL(instance);
    finish(&f);
}

static void export_holds_tokens_offsets_and_labels(void)
{
    struct fixture f;
    struct att_bundle b;

    open_at(&f, "mixed", 5, 2, 4);
    const struct att_sequences *s = make(&f);

    att_bundle_init(&b, f.arena);
    CU_ASSERT_EQUAL_FATAL(P->export_instance(f.p, s, &b, NULL), ATT_OK);
    const struct att_tensor *tokens = att_bundle_find(&b, "tokens");
    const struct att_tensor *offsets = att_bundle_find(&b, "offsets");

    CU_ASSERT_PTR_NOT_NULL_FATAL(tokens);
    CU_ASSERT_PTR_NOT_NULL_FATAL(offsets);
    CU_ASSERT_EQUAL(tokens->shape[0], s->total);
    CU_ASSERT_EQUAL(att_tensor_get(offsets, 5), (double)s->total);
    CU_ASSERT_PTR_NOT_NULL(att_bundle_find(&b, "label"));
    finish(&f);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every kind has the lengths it promises",
         every_kind_has_the_lengths_it_promises},
        {"sets are pairwise different", sets_are_pairwise_different},
        {"larger extents extend what was there",
         larger_extents_extend_what_was_there},
        {"one point gives one instance", one_point_gives_one_instance},
        {"sub1 leaves out one token each", sub1_leaves_out_one_token_each},
        {"near sequences differ by eps in one token",
         near_sequences_differ_by_eps_in_one_token},
        {"planted faults are announced", planted_faults_are_announced},
        {"signs of zero, order and copies do not name a set",
         signs_of_zero_order_and_copies_do_not_name_a_set},
        {"impossible points say why", impossible_points_say_why},
        {"small memory is reported", small_memory_is_reported},
        {"export holds tokens, offsets and labels",
         export_holds_tokens_offsets_and_labels},
        CU_TEST_INFO_NULL,
    };

    return unit_run("sequences", tests);
}
