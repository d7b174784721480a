/* test_study.c - studies and what is said about them, case by case.
 *
 * cases/<name>.yaml is parsed against the toy constructions; cases/<name>.expect
 * holds the diagnostics word for word or, for a good study, what it means.
 * `test_config_study --print FILE` shows what FILE gives. */
#include "attest/config/study.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toy.h"
#include "unit.h"

/* ---- what a good study means ------------------------------------------------ */

static void put_values(const struct att_axis *axis, uint32_t k,
                       struct att_buffer *out)
{
    char text[ATT_NUMBER_TEXT];

    if (axis->expr != NULL) {
        att_buffer_printf(out, " := %s", axis->expr);
        return;
    }
    for (uint64_t i = 0; i < axis->n && i < 12; i++) {
        att_buffer_printf(out, " %s",
                          att_value_text(att_axis_value(axis, i, k), text));
    }
    if (axis->n > 12)
        att_buffer_printf(out, " ... (%" PRIu64 ")", axis->n);
    att_buffer_text(out, axis->value == NULL ? " by rule" : "");
    if (axis->n_duplicates > 0)
        att_buffer_printf(out, " (%" PRIu64 " repeated)", axis->n_duplicates);
}

static void put_axis(const struct att_sweep *s, const struct att_axis *axis,
                     const char *what, struct att_buffer *out)
{
    for (uint32_t k = 0; k < axis->n_params; k++) {
        att_buffer_printf(
            out, "  %s %s:", k == 0 ? what : "  with",
            att_construction_param(s->construction, axis->param[k])->name);
        put_values(axis, k, out);
        att_buffer_text(out, "\n");
    }
}

static void put_limit(const char *name, const struct att_limit *limit,
                      struct att_buffer *out)
{
    char text[ATT_NUMBER_TEXT];

    if (limit->line == 0)
        return;
    att_buffer_printf(out, "  %s: %s\n", name,
                      limit->expr != NULL ? limit->expr
                                          : att_real_text(limit->value, text));
}

static void put_observe(const struct att_observe *spec, struct att_buffer *out)
{
    char text[ATT_NUMBER_TEXT];

    for (size_t i = 0; i < spec->n; i++) {
        att_buffer_printf(out, "  observe %s:%s", spec->axis[i].name,
                          spec->axis[i].log ? " log" : "");
        for (size_t k = 0; k < spec->axis[i].n; k++) {
            att_buffer_printf(out, " %s",
                              att_real_text(spec->axis[i].value[k], text));
        }
        att_buffer_text(out, "\n");
    }
}

static void put_fixed(const struct att_sweep *s, struct att_buffer *out)
{
    char text[ATT_NUMBER_TEXT];

    att_buffer_text(out, "  fixed:");
    for (uint32_t i = 0; i < att_construction_n_params(s->construction); i++) {
        att_buffer_printf(out, " %s=%s",
                          att_construction_param(s->construction, i)->name,
                          att_value_text(s->fixed[i], text));
    }
    att_buffer_text(out, "\n");
}

static void put_sweep(const struct att_sweep *s, struct att_buffer *out)
{
    char text[ATT_NUMBER_TEXT];

    att_buffer_printf(out, "sweep %s of %s, line %u, replicates %u\n", s->name,
                      s->construction->name, s->line, s->replicates);
    put_fixed(s, out);
    for (uint32_t a = 0; a < s->n_axes; a++)
        put_axis(s, &s->axis[a], "axis", out);
    for (uint32_t i = 0; i < s->n_derived; i++)
        att_buffer_printf(out, "  derive axis %u\n", s->derived[i]);
    if (s->where != NULL)
        att_buffer_printf(out, "  where (%u): %s\n", s->where_line, s->where);
    if (s->find.present) {
        att_buffer_printf(out, "  find %s such that %s, share %s\n",
                          s->find.largest ? "largest" : "smallest",
                          s->find.such_that,
                          att_real_text(s->find.share, text));
        put_axis(s, &s->find.range, "among", out);
    }
    put_observe(&s->observe, out);
    put_limit("task_time", &s->limits.task_time_s, out);
    put_limit("task_memory", &s->limits.task_memory_bytes, out);
    put_limit("retries", &s->limits.retries, out);
}

static void put_study(const struct att_study *study, struct att_buffer *out)
{
    att_buffer_printf(out, "study %s, seed %" PRIu64 ", %s\n", study->name,
                      study->seed,
                      study->independent ? "independent" : "paired");
    for (uint32_t i = 0; i < study->n_sweeps; i++)
        put_sweep(&study->sweep[i], out);
}

/* ---- running a case ----------------------------------------------------------- */

static att_status parse(const char *path, const char *text, size_t n,
                        struct att_buffer *out, struct att_error *err)
{
    const struct att_study_source source = {.path = path,
                                            .text = text,
                                            .n = n,
                                            .known = toy_catalogue,
                                            .n_known = 2};
    struct att_study_file *file = NULL;
    const att_status status = att_study_parse(&source, &file, out, err);

    if (status == ATT_OK)
        put_study(att_study_of(file), out);
    att_study_destroy(file);
    return status;
}

static bool read_case(const char *name, struct att_buffer *text)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/cases/%s", ATT_TEST_FOLDER, name);
    return att_file_read(path, text, NULL) == ATT_OK;
}

/* Does cases/<stem>.yaml give cases/<stem>.expect? */
static bool run_case(const char *stem)
{
    char yaml[128];
    char expect[128];
    struct att_buffer text = {0};
    struct att_buffer expected = {0};
    struct att_buffer out = {0};
    bool same = false;

    (void)snprintf(yaml, sizeof yaml, "%s.yaml", stem);
    (void)snprintf(expect, sizeof expect, "%s.expect", stem);
    if (read_case(yaml, &text) && read_case(expect, &expected)) {
        (void)!parse(yaml, text.data, text.size, &out, NULL);
        same = out.size == expected.size &&
               memcmp(out.data, expected.data, out.size) == 0;
    }
    if (!same)
        (void)printf("\n%s gives\n%s", yaml,
                     out.size > 0 ? out.data : "nothing\n");
    att_buffer_fini(&text);
    att_buffer_fini(&expected);
    att_buffer_fini(&out);
    return same;
}

static int is_study(const struct dirent *entry)
{
    const size_t n = strlen(entry->d_name);

    return n > 5 && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

static void every_case_gives_what_it_expects(void)
{
    struct dirent **entry = NULL;
    const int n =
        scandir(ATT_TEST_FOLDER "/cases", &entry, is_study, alphasort);

    CU_ASSERT_TRUE_FATAL(n > 40);
    for (int i = 0; i < n; i++) {
        entry[i]->d_name[strlen(entry[i]->d_name) - 5] = '\0';
        CU_ASSERT_TRUE(run_case(entry[i]->d_name));
        free(entry[i]);
    }
    free(entry);
}

static int print(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct att_buffer text = {0};
    struct att_buffer out = {0};

    if (att_file_read(path, &text, NULL) != ATT_OK)
        return EXIT_FAILURE;
    (void)!parse(slash == NULL ? path : slash + 1, text.data, text.size, &out,
                 NULL);
    (void)fwrite(out.data, 1, out.size, stdout);
    att_buffer_fini(&text);
    att_buffer_fini(&out);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"every case gives what it expects", every_case_gives_what_it_expects},
        CU_TEST_INFO_NULL,
    };

    if (argc == 3 && strcmp(argv[1], "--print") == 0)
        return print(argv[2]);
    return unit_run("study", tests);
}
