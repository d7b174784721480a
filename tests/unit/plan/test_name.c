/* test_name.c - keys and seeds: what is in them, what is not. */
#include "plan_kit.h"

#include <inttypes.h>

/* The task of a number, which must be planned. */
static struct att_task task_at(struct kit *kit, uint64_t number)
{
    struct att_task task;

    CU_ASSERT_EQUAL_FATAL(att_plan_task(kit->plan, number, &task, NULL),
                          ATT_TASK_PLANNED);
    return task;
}

static struct att_key key_at(struct kit *kit, uint64_t number)
{
    const struct att_task task = task_at(kit, number);

    return att_plan_key(kit->plan, &task);
}

static bool key_text_is(struct kit *kit, uint64_t number, const char *expected)
{
    const struct att_task task = task_at(kit, number);
    struct att_buffer text = {0};

    att_plan_key_text(kit->plan, &task, &text);
    const bool same = strcmp(text.data, expected) == 0;
    if (!same)
        (void)printf("\n%s", text.data);
    att_buffer_fini(&text);
    return same;
}

/* ---- keys ----------------------------------------------------------------------- */

#define GOLDEN                                                                 \
    TOY "replicates: 2\n  zip: {L: [64, 256], N: [2, 4]}\n"                    \
        "  grid: {d: {expr: 'ceil(4 * ln(L))'}, data: vocab, keys: [sign, "    \
        "gauss], beta: 0.1}\n"

/* The hash was computed by XXH3_128bits on this text in a program of its own. */
static void the_golden_key_has_not_changed(void)
{
    char hex[ATT_KEY_TEXT];
    struct kit kit;

    kit_plan(&kit, GOLDEN);
    CU_ASSERT_TRUE(key_text_is(&kit, 7,
                               "attest key 1\nseed=7\ncoupling=paired\n"
                               "construction=toy\nL=256\nN=4\nbeta=0.1\nd=23\n"
                               "data=vocab\nfile=\nkeys=gauss\nnoise=0\n"
                               "replicate=1\n"));
    CU_ASSERT_STRING_EQUAL(att_key_text(key_at(&kit, 7), hex),
                           "6f20169d617e9aa434ff8d87649dc38e");
    kit_close(&kit);
}

/* The only task of each text has the same key. */
static void keys_do_not_depend_on_how_a_study_is_written(void)
{
    static const char *const texts[] = {
        TOY "grid: {N: 4, L: 256, d: 23, beta: 0.1}\n",
        TOY "grid: {beta: [1e-1], d: [23.0], L: [256], N: [4]}\n",
        TOY "grid: {d: {expr: 'ceil(4*ln(L))'}, L: 2.56e2, N: {from: 4, to: 7, "
            "step: 9}, beta: {from: 0.1, to: 0.15, step: 0.1}}\n",
        TOY "name: another\n  zip: {N: [4], d: [23]}\n"
            "  grid: {beta: {expr: 'L / 2560'}, L: 256, fresh: 0}\n"
            "  where: d == 23\n  observe: {L_test: [1, 2]}\n"
            "  limits: {task_time: 3s}\n",
        "name: other\nseed: 0x7\ncoupling: paired\nreplicates: 1\n"
        "limits: {retries: 3}\nsweeps:\n- construction: toy\n"
        "  grid: {data: gauss, noise: 0, keys: sign, d: 23, N: 4, beta: .1, L: "
        "256}\n"};
    struct kit first;

    kit_plan(&first, texts[0]);
    for (size_t i = 1; i < sizeof texts / sizeof texts[0]; i++) {
        struct kit kit;

        kit_plan(&kit, texts[i]);
        CU_ASSERT_EQUAL(att_plan_size(kit.plan), 1);
        CU_ASSERT_TRUE(att_key_equal(key_at(&kit, 0), key_at(&first, 0)));
        kit_close(&kit);
    }
    kit_close(&first);
}

static void keys_depend_on_what_is_computed(void)
{
    static const char *const texts[] = {
        TOY "grid: {N: 4}\n",
        TOY "grid: {N: 5}\n",
        TOY "grid: {N: 4, beta: 0.30000000000000004}\n",
        TOY "grid: {N: 4, beta: 0.3}\n",
        TOY "grid: {N: 4, fresh: 1}\n",
        TOY "grid: {N: 4, file: files/a.txt}\n",
        TOY "grid: {N: 4, file: files/b.txt}\n",
        "name: s\nseed: 8\nsweeps:\n- construction: toy\n  grid: {N: 4}\n",
        "name: s\nseed: 7\ncoupling: independent\nsweeps:\n- construction: "
        "toy\n  grid: {N: 4}\n",
        "name: s\nseed: 7\nsweeps:\n- construction: toy-two\n  grid: {N: 4}\n",
        TOY "grid: {N: 4}\n  find: {smallest: d, such_that: accept == 1, "
            "between: [1, 4]}\n",
        TOY "grid: {N: 4}\n  find: {largest: d, such_that: accept == 1, "
            "between: [1, 4]}\n",
        TOY "grid: {N: 4}\n  find: {smallest: d, such_that: accept == 2, "
            "between: [1, 4]}\n",
        TOY "grid: {N: 4}\n  find: {smallest: d, such_that: accept == 1, "
            "between: [1, 5]}\n",
        TOY "grid: {N: 4}\n  find: {smallest: d, such_that: accept == 1, "
            "between: [1, 4], share: 0.5}\n",
    };
    enum { N = sizeof texts / sizeof texts[0] };
    struct att_key key[N];

    for (size_t i = 0; i < N; i++) {
        struct kit kit;

        kit_plan(&kit, texts[i]);
        key[i] = key_at(&kit, 0);
        for (size_t k = 0; k < i; k++)
            CU_ASSERT_FALSE(att_key_equal(key[i], key[k]));
        kit_close(&kit);
    }
}

static void a_search_is_named_without_what_it_searches(void)
{
    struct kit kit;

    kit_plan(&kit, TOY "replicates: 20\n  find: {smallest: d, such_that: "
                       "\"accept==1 --[[yes]] and  err_kind ~= 'a  b'\", "
                       "between: [2, 8192], share: 0.9}\n"
                       "- construction: toy\n  name: b\n  find: {largest: "
                       "beta, such_that: accept == 1, among: [0.1, 2]}\n");
    CU_ASSERT_EQUAL(att_plan_size(kit.plan), 2);
    CU_ASSERT_TRUE(key_text_is(
        &kit, 0,
        "attest key 1\nseed=7\ncoupling=paired\nconstruction=toy\nL=8\nN=16\n"
        "beta=1\ndata=gauss\nfile=\nkeys=sign\nnoise=0\nfind=smallest d\n"
        "such_that=accept == 1 and err_kind ~= 'a  b'\namong=2:8192:1\n"
        "share=0.9 of 20\nreplicate=0\n"));
    CU_ASSERT_TRUE(key_text_is(
        &kit, 1,
        "attest key 1\nseed=7\ncoupling=paired\nconstruction=toy\nL=8\nN=16\n"
        "d=4\ndata=gauss\nfile=\nkeys=sign\nnoise=0\nfind=largest beta\n"
        "such_that=accept == 1\namong=0.1,2\nreplicate=0\n"));
    kit_close(&kit);
}

static void files_are_named_by_their_bytes(void)
{
    static const char *const texts[] = {TOY "grid: {file: files/a.txt}\n",
                                        TOY "grid: {file: files/a-again.txt}\n",
                                        TOY "grid: {file: files/b.txt}\n"};
    struct att_key key[3];
    struct att_key digest[3];

    for (size_t i = 0; i < 3; i++) {
        struct kit kit;

        kit_plan(&kit, texts[i]);
        key[i] = key_at(&kit, 0);
        digest[i] = att_plan_digest(kit.plan);
        kit_close(&kit);
    }
    CU_ASSERT_TRUE(att_key_equal(key[0], key[1]));
    CU_ASSERT_FALSE(att_key_equal(key[0], key[2]));
    CU_ASSERT_FALSE(att_key_equal(digest[0], digest[1])); /* another text */
    CU_ASSERT_FALSE(att_key_equal(digest[0], digest[2]));
}

static void a_renamed_file_finds_its_rows(void)
{
    struct kit kit;
    uint64_t number = 9;

    kit_plan(&kit, TOY "grid: {file: [files/b.txt, files/a.txt]}\n"
                       "- construction: toy\n  name: b\n"
                       "  grid: {N: 16, file: files/a-again.txt}\n");
    struct att_task task;
    CU_ASSERT_EQUAL(att_plan_task(kit.plan, 2, &task, NULL),
                    ATT_TASK_COINCIDES);
    task.p[TOY_FILE] = att_text("files/a-again.txt");
    CU_ASSERT_TRUE(att_plan_number(kit.plan, 0, task.p, 0, &number));
    CU_ASSERT_EQUAL(number, 1);
    kit_close(&kit);
}

/* ---- seeds ---------------------------------------------------------------------- */

struct seeds {
    uint64_t instance, builder;
};

static struct seeds seeds_at(struct kit *kit, uint64_t number)
{
    const struct att_task task = task_at(kit, number);
    struct seeds s = {0};

    att_plan_seeds(kit->plan, &task, &s.instance, &s.builder);
    return s;
}

/* Computed by XXH3_64bits on the documented texts in a program of its own. */
static void the_golden_seeds_have_not_changed(void)
{
    struct kit kit;

    kit_plan(&kit, GOLDEN);
    CU_ASSERT_EQUAL(seeds_at(&kit, 7).instance, UINT64_C(0x888551269bc757f5));
    CU_ASSERT_EQUAL(seeds_at(&kit, 7).builder, UINT64_C(0x60726c3d88a93298));
    kit_close(&kit);
}

struct pairing {
    const char *grid; /* of two tasks */
    bool same_instance, same_builder;
};

static void check_pairing(const char *head, const struct pairing *row)
{
    char text[512];
    struct kit kit;

    (void)snprintf(text, sizeof text,
                   "name: s\n%ssweeps:\n- construction: toy\n  %s", head,
                   row->grid);
    kit_plan(&kit, text);
    const struct seeds a = seeds_at(&kit, 0);
    const struct seeds b = seeds_at(&kit, 1);
    CU_ASSERT_EQUAL(a.instance == b.instance, row->same_instance);
    CU_ASSERT_EQUAL(a.builder == b.builder, row->same_builder);
    CU_ASSERT_NOT_EQUAL(a.instance, a.builder);
    kit_close(&kit);
}

static void extents_are_paired_and_kinds_are_not(void)
{
    static const struct pairing rows[] = {
        {"grid: {N: [1, 2]}\n", true, true},
        {"grid: {noise: [0, 1]}\n", true, true},
        {"grid: {d: [1, 2]}\n", true, true},
        {"grid: {data: [gauss, vocab]}\n", false, false},
        {"grid: {keys: [sign, gauss]}\n", true, false},
        {"grid: {fresh: [0, 1]}\n", true, false},
        {"replicates: 2\n", false, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_pairing("", &rows[i]);
}

static void independent_coupling_lets_every_parameter_seed(void)
{
    static const struct pairing rows[] = {
        {"grid: {N: [1, 2]}\n", false, false},
        {"grid: {noise: [0, 1]}\n", false, false},
        {"grid: {d: [1, 2]}\n", true, false},
        {"replicates: 2\n", false, false},
        {"replicates: 2\n  find: {smallest: N, such_that: accept == 1, "
         "between: [1, 9]}\n",
         false, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_pairing("coupling: independent\n", &rows[i]);
}

static void constructions_of_a_problem_see_the_same_instances(void)
{
    struct kit kit;

    kit_plan(&kit, TOY "grid: {N: 4, d: 3, keys: gauss}\n"
                       "- construction: toy-two\n  grid: {N: 9, d: 7}\n");
    CU_ASSERT_EQUAL(seeds_at(&kit, 0).instance, seeds_at(&kit, 1).instance);
    CU_ASSERT_NOT_EQUAL(seeds_at(&kit, 0).builder, seeds_at(&kit, 1).builder);
    kit_close(&kit);
}

static void probes_of_a_search_share_their_instance(void)
{
    struct kit kit;
    struct seeds a = {0};
    struct seeds b = {0};

    kit_plan(&kit, "name: s\ncoupling: independent\nsweeps:\n- construction: "
                   "toy\n  find: {smallest: N, such_that: accept == 1, "
                   "between: [1, 9]}\n");
    struct att_task task = task_at(&kit, 0);
    task.p[TOY_N] = att_plan_probe(kit.plan, &task, 0);
    att_plan_seeds(kit.plan, &task, &a.instance, &a.builder);
    task.p[TOY_N] = att_plan_probe(kit.plan, &task, 8);
    att_plan_seeds(kit.plan, &task, &b.instance, &b.builder);
    CU_ASSERT_EQUAL(task.p[TOY_N].i, 9);
    CU_ASSERT_EQUAL(a.instance, b.instance);
    CU_ASSERT_EQUAL(a.builder, b.builder);
    kit_close(&kit);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the golden key has not changed", the_golden_key_has_not_changed},
        {"keys do not depend on how a study is written",
         keys_do_not_depend_on_how_a_study_is_written},
        {"keys depend on what is computed", keys_depend_on_what_is_computed},
        {"a search is named without what it searches",
         a_search_is_named_without_what_it_searches},
        {"files are named by their bytes", files_are_named_by_their_bytes},
        {"a renamed file finds its rows", a_renamed_file_finds_its_rows},
        {"the golden seeds have not changed",
         the_golden_seeds_have_not_changed},
        {"extents are paired and kinds are not",
         extents_are_paired_and_kinds_are_not},
        {"independent coupling lets every parameter seed",
         independent_coupling_lets_every_parameter_seed},
        {"constructions of a problem see the same instances",
         constructions_of_a_problem_see_the_same_instances},
        {"probes of a search share their instance",
         probes_of_a_search_share_their_instance},
        CU_TEST_INFO_NULL,
    };

    return unit_run("name", tests);
}
