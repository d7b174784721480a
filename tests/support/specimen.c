#include "specimen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "attest/base/text.h"
#include "attest/construction/registry.h"
#include "attest/record/append.h"
#include "attest/store/store.h"
#include "toy.h"

/* ---- the constructions -------------------------------------------------------- */

static const char *const DATA[] = {"gauss", "vocab", NULL};

static const struct att_param PROBLEM_PARAMS[] = {
    [SPECIMEN_N] =
        ATT_PARAM_INTEGER("N", ATT_SEEDS_NOTHING, 16, 1, 1000000000, "size"),
};

static const struct att_param PARAMS[] = {
    [SPECIMEN_D - 1] =
        ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 4, 1, 8192, "dimension"),
    [SPECIMEN_BETA - 1] =
        ATT_PARAM_REAL("beta", ATT_SEEDS_NOTHING, 1, 0, 1e9, "temperature"),
    [SPECIMEN_DATA - 1] =
        ATT_PARAM_CHOICE("data", ATT_SEEDS_INSTANCE, "gauss", DATA, "kind"),
};

static const struct att_metric METRICS[] = {
    [SPECIMEN_BLOCKS] = {.name = "blocks",
                         .unit = "1",
                         .doc = "blocks that were built",
                         .kind = ATT_INTEGER,
                         .predicted_by = "bound"},
    [SPECIMEN_BOUND] = {.name = "bound",
                        .unit = "1",
                        .doc = "blocks that the theorem allows",
                        .kind = ATT_INTEGER,
                        .role = ATT_ROLE_PREDICTED,
                        .formula = "N * d"},
    [SPECIMEN_ERR] = {.name = "err",
                      .unit = "1",
                      .doc = "largest error",
                      .kind = ATT_REAL,
                      .exactness = ATT_ROUNDED,
                      .tolerance = 1e-9},
    [SPECIMEN_LABEL] = {.name = "label",
                        .unit = "1",
                        .doc = "a word for the point",
                        .kind = ATT_TEXT},
    [SPECIMEN_RATE] = {.name = "rate",
                       .unit = "s-1",
                       .doc = "how fast it went",
                       .kind = ATT_REAL,
                       .exactness = ATT_TIMING},
};

static const struct att_metric OBSERVATIONS[] = {
    {.name = "step",
     .unit = "1",
     .doc = "step",
     .kind = ATT_INTEGER,
     .role = ATT_ROLE_AXIS},
    {.name = "loss",
     .unit = "1",
     .doc = "loss",
     .kind = ATT_REAL,
     .exactness = ATT_ROUNDED,
     .tolerance = 1e-9},
};

static void judge_nothing(const struct att_rows *rows,
                          struct att_finding *finding)
{
    (void)rows;
    finding->verdict = ATT_HOLDS;
}

static const struct att_claim CLAIMS[] = {
    {.id = "alpha.blocks-bound",
     .statement = "blocks <= bound",
     .source = "Theorem 1",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .group_by = "",
     .pool = "",
     .judge = judge_nothing},
    {.id = "alpha.slope",
     .statement = "blocks grow like N",
     .source = "derived here",
     .standing = ATT_EMPIRICAL,
     .scope = ATT_SCOPE_GROUP,
     .group_by = "d",
     .pool = "replicate",
     .judge = judge_nothing},
    {.id = "alpha.fast",
     .statement = "rate is above zero",
     .source = "derived here",
     .standing = ATT_EMPIRICAL,
     .scope = ATT_SCOPE_ROW,
     .timing = true,
     .group_by = "",
     .pool = "",
     .judge = judge_nothing},
};
enum { N_CLAIMS = 3 };

static const struct att_problem PROBLEM = {.name = "specimens",
                                           .summary = "for tests",
                                           .params = PROBLEM_PARAMS,
                                           .n_params = 1,
                                           .generate = toy_generate,
                                           .export_instance =
                                               toy_export_instance};

static struct att_cost cost(const struct att_value *p)
{
    return (struct att_cost){.flops = (double)p[SPECIMEN_N].i, .bytes = 1};
}

#define SPECIMEN(name_, n_observations_)                                       \
    {                                                                          \
        .abi = ATT_CONSTRUCTION_ABI, .name = (name_), .family = "specimens",   \
        .source = "Nobody 2026, Theorem 1", .summary = "for tests",            \
        .version = 1, .problem = &PROBLEM, .bibtex = "", .params = PARAMS,     \
        .n_params = SPECIMEN_PARAMS - 1, .metrics = METRICS,                   \
        .n_metrics = SPECIMEN_METRICS, .observations = OBSERVATIONS,           \
        .n_observations = (n_observations_), .claims = CLAIMS,                 \
        .n_claims = N_CLAIMS, .admit = att_admit_all, .cost = cost,            \
        .slices = att_slices_one                                               \
    }

const struct att_construction specimen_alpha = SPECIMEN("alpha", 2);
const struct att_construction specimen_beta = SPECIMEN("beta", 0);

static const struct att_construction *const TABLE[] = {&specimen_alpha,
                                                       &specimen_beta, NULL};

const struct att_construction *const *att_constructions(size_t *n)
{
    *n = 2;
    return TABLE;
}

const struct att_construction *att_construction_find(const char *name)
{
    return att_text_same(name, "alpha")  ? &specimen_alpha
           : att_text_same(name, "beta") ? &specimen_beta
                                         : NULL;
}

const char *att_construction_code_id(const struct att_construction *c)
{
    (void)c;
    return "0123456789abcdef";
}

/* ---- what rows say ---------------------------------------------------------------- */

const char specimen_study[] = "name: specimen\n"
                              "seed: 20261121\n"
                              "replicates: 3\n"
                              "sweeps:\n"
                              "  - name: wide\n"
                              "    construction: alpha\n"
                              "    grid:\n"
                              "      N: [2, 4]\n"
                              "      d: [1, 8, 64]\n"
                              "      data: [gauss, vocab]\n"
                              "    where: N * d < 200\n"
                              "  - name: zipped\n"
                              "    construction: alpha\n"
                              "    zip: {N: [100, 200, 300], d: [3, 2, 1]}\n"
                              "    grid:\n"
                              "      beta: {expr: \"N / 7\"}\n"
                              "  - construction: beta\n"
                              "    grid: {N: {from: 1, to: 20, step: 1}}\n"
                              "    replicates: 1\n";

int64_t specimen_blocks(const struct att_value *p, int64_t replicate)
{
    return p[SPECIMEN_N].i + replicate;
}

double specimen_err(const struct att_value *p, int64_t replicate)
{
    return 1.0 / (3.0 * (double)p[SPECIMEN_N].i + (double)replicate);
}

uint32_t specimen_lines(const struct att_value *p)
{
    return (uint32_t)(p[SPECIMEN_N].i % 4);
}

double specimen_loss(const struct att_value *p, uint32_t line)
{
    return p[SPECIMEN_BETA].r / (double)(line + 1);
}

/* ---- folders ------------------------------------------------------------------------ */

static void must(bool good, const char *what, const struct att_error *err)
{
    if (good)
        return;
    (void)fprintf(stderr, "specimen: %s: %s\n", what, err->text);
    exit(EXIT_FAILURE);
}

static void open_plan(struct specimen *s, const char *study)
{
    struct att_buffer diagnostics = {0};
    struct att_error err = {0};
    const struct att_study_source source = {.path = "study.yaml",
                                            .text = study,
                                            .n = strlen(study),
                                            .known = TABLE,
                                            .n_known = 2};

    *s = (struct specimen){0};
    const bool parsed =
        att_study_parse(&source, &s->file, &diagnostics, &err) == ATT_OK;

    must(parsed, diagnostics.data, &err);
    att_buffer_fini(&diagnostics);
    must(att_plan_create(att_study_of(s->file), NULL, &s->plan, &err) == ATT_OK,
         "plan", &err);
}

void specimen_open(struct specimen *s, const char *dir)
{
    struct att_buffer text = {0};
    struct att_error err = {0};
    char path[512];

    (void)snprintf(path, sizeof path, "%s/study.yaml", dir);
    must(att_file_read(path, &text, &err) == ATT_OK, "study", &err);
    open_plan(s, text.data);
    att_buffer_fini(&text);
    (void)snprintf(path, sizeof path, "%s/journal", dir);
    must(att_journal_load(path, &s->journal, &err) == ATT_OK, "journal", &err);
}

void specimen_close(struct specimen *s)
{
    att_journal_destroy(s->journal);
    att_plan_destroy(s->plan);
    att_study_destroy(s->file);
}

/* Rows have a metric and an observation more than their construction, as those
 * of a search do: "extra", and the metric "rate" of each line. */
enum { N_COLUMNS = SPECIMEN_PARAMS + SPECIMEN_METRICS + 1 + N_CLAIMS + 3 };

static void describe(const struct att_construction *c,
                     const struct specimen_options *o,
                     struct att_column column[N_COLUMNS],
                     struct att_columns *out)
{
    static const char *const claims[] = {
        "claim_alpha_blocks_bound", "claim_alpha_slope", "claim_alpha_fast"};
    size_t n = 0;

    for (uint32_t i = 0; i < SPECIMEN_PARAMS; i++) {
        column[n++] = (struct att_column){
            att_construction_param(c, i)->name, ATT_COLUMN_PARAM,
            att_param_default(att_construction_param(c, i)).kind};
    }
    for (uint32_t i = 0; i < c->n_metrics; i++) {
        column[n++] = (struct att_column){c->metrics[i].name, ATT_COLUMN_METRIC,
                                          c->metrics[i].kind};
    }
    column[n++] = (struct att_column){"extra", ATT_COLUMN_METRIC, ATT_INTEGER};
    for (uint32_t i = 0; i < c->n_claims; i++) {
        column[n++] =
            (struct att_column){claims[i], ATT_COLUMN_CLAIM, ATT_INTEGER};
    }
    for (uint32_t i = 0; i < c->n_observations; i++) {
        const bool lacks =
            o->without_axis && c->observations[i].role == ATT_ROLE_AXIS;

        column[n++] =
            (struct att_column){lacks ? "old_step" : c->observations[i].name,
                                ATT_COLUMN_OBSERVATION, ATT_REAL};
    }
    if (c->n_observations > 0) {
        column[n++] =
            (struct att_column){"rate", ATT_COLUMN_OBSERVATION, ATT_REAL};
    }
    *out = (struct att_columns){
        .construction = c->name,
        .version = c->version,
        .column = column,
        .n_params = SPECIMEN_PARAMS,
        .n_metrics = c->n_metrics + 1,
        .n_claims = c->n_claims,
        .n_observations = c->n_observations > 0 ? c->n_observations + 1 : 0,
    };
}

enum { SPECIMEN_CELLS = 9 }; /* of at most three lines */

static const char *label_of(const struct att_value *p)
{
    return p[SPECIMEN_D].i == 8  ? ""
           : p[SPECIMEN_D].i > 8 ? "gro\xc3\x9f"
                                 : "k";
}

static void fill_done(struct att_row *row, const struct att_task *task,
                      const struct specimen_options *o,
                      struct att_value metric[SPECIMEN_METRICS + 1],
                      double cells[SPECIMEN_CELLS])
{
    const struct att_value *p = task->p;

    metric[SPECIMEN_BLOCKS] =
        att_int(specimen_blocks(p, task->replicate) + (int64_t)o->shift_exact);
    metric[SPECIMEN_BOUND] = att_int(p[SPECIMEN_N].i * p[SPECIMEN_D].i);
    metric[SPECIMEN_ERR] =
        att_real(specimen_err(p, task->replicate) * (1 + o->shift));
    metric[SPECIMEN_LABEL] = att_text(label_of(p));
    metric[SPECIMEN_RATE] = att_real(o->start_time);
    metric[SPECIMEN_METRICS] = att_int((int64_t)task->number);
    row->status = ATT_DONE;
    if (task->construction->n_observations == 0)
        return;
    for (uint32_t i = 0; i < specimen_lines(p); i++) {
        double *line = cells + 3 * (size_t)row->n_observed;

        if ((o->drop_lines >> i & 1) != 0)
            continue;
        line[0] = i;
        line[1] = specimen_loss(p, i) + o->shift_loss;
        line[2] = o->start_time + i;
        row->n_observed++;
    }
}

static void append_task(struct att_append *out, struct att_plan *plan,
                        const struct att_task *task,
                        const struct specimen_options *o)
{
    static const int8_t verdicts[N_CLAIMS] = {ATT_HOLDS, ATT_NOT_APPLICABLE,
                                              ATT_DEPARTS};
    static const int8_t none[N_CLAIMS] = {
        ATT_NOT_APPLICABLE, ATT_NOT_APPLICABLE, ATT_NOT_APPLICABLE};
    struct att_value metric[SPECIMEN_METRICS + 1] = {{0}};
    struct att_column column[N_COLUMNS];
    struct att_columns columns;
    struct att_buffer bytes = {0};
    double cells[SPECIMEN_CELLS];
    const bool failed = o->fail_every != 0 && task->number % o->fail_every == 0;
    struct att_row row = {
        .key = att_plan_key(plan, task),
        .task = task->number,
        .n_slices = 1,
        .replicate = task->replicate,
        .status = ATT_TIMEOUT,
        .attempt = 1,
        .rank = (uint32_t)(task->number % 2),
        .start_time = o->start_time,
        .wall_s = 0.25,
        .cpu_s = 0.125,
        .peak_rss_bytes = 1 << 20,
        .arena_bytes = 4096,
        .limit_time_s = 600,
        .host = "node\xff\x1b"
                "1", /* no UTF-8: hosts may be anything */
        .kernel = o->kernel == NULL ? "portable" : o->kernel,
        .code_id = "0123456789abcdef",
        .message = failed ? "needs more than 10 min" : "",
        .param = task->p,
        .metric = metric,
        .verdict = failed ? none : verdicts,
        .observation = cells,
        .n_params = SPECIMEN_PARAMS,
        .n_metrics = SPECIMEN_METRICS + 1,
        .n_claims = N_CLAIMS,
    };

    describe(task->construction, o, column, &columns);
    row.columns = att_columns_id(&columns);
    row.n_observations = columns.n_observations;
    if (!failed)
        fill_done(&row, task, o, metric, cells);
    att_row_encode(&row, &bytes);
    att_append_row(out, bytes.data, bytes.size);
    att_buffer_fini(&bytes);
}

static void append_rows(struct att_append *out, struct specimen *s,
                        const struct specimen_options *o)
{
    struct att_task task;

    for (uint64_t i = att_plan_size(s->plan); i-- > 0;) { /* not in order */
        if ((o->skip_every == 0 || i % o->skip_every != 0) &&
            att_plan_task(s->plan, i, &task, NULL) == ATT_TASK_PLANNED)
            append_task(out, s->plan, &task, o);
    }
}

static void append_context(struct att_append *out,
                           const struct att_study *study,
                           const struct specimen_options *o)
{
    const struct att_journal_plan plan = {.study_path = "study.yaml",
                                          .study_text = study->text,
                                          .n_study = study->n_text,
                                          .digest = study->digest,
                                          .host = "node1"};

    att_append_plan(out, &plan);
    for (size_t i = 0; TABLE[i] != NULL; i++) {
        struct att_column column[N_COLUMNS];
        struct att_columns columns;

        describe(TABLE[i], o, column, &columns);
        att_append_columns(out, &columns);
    }
}

void specimen_write(const char *dir, const char *study,
                    const struct specimen_options *options)
{
    const struct att_append_options append = {.attest_version = "0.1.0"};
    struct att_error err = {0};
    struct att_append *out = NULL;
    struct specimen s;
    char path[512];

    (void)mkdir(dir, 0777);
    (void)snprintf(path, sizeof path, "%s/study.yaml", dir);
    must(att_file_replace(path, study, strlen(study), false, &err) == ATT_OK,
         "study.yaml", &err);
    open_plan(&s, study);
    (void)snprintf(path, sizeof path, "%s/journal", dir);
    must(att_append_open(path, &append, &out, &err) == ATT_OK, "journal", &err);
    append_context(out, att_study_of(s.file), options);
    append_rows(out, &s, options);
    must(att_append_close(out, &err) == ATT_OK, "journal", &err);
    specimen_close(&s);
}

void specimen_store(const char *dir)
{
    static const struct att_claim_result results[] = {
        {.construction = &specimen_alpha,
         .claim = &CLAIMS[1],
         .sweep = "wide",
         .group = "d=8",
         .n = 5,
         .n_planned = 6,
         .finding = {.verdict = ATT_INCONCLUSIVE,
                     .statistic = 1.5,
                     .lo = 1,
                     .hi = 2,
                     .predicted = (double)NAN,
                     .note = "few rows"}},
        {.construction = &specimen_alpha,
         .claim = &CLAIMS[1],
         .sweep = "",
         .group = "",
         .n = 2,
         .n_planned = 2,
         .finding = {.verdict = ATT_HOLDS},
         .has_worst = true,
         .worst_key = {1, 2}},
    };
    struct att_claim_result copy[2];
    const struct att_claim_results claims = {copy, 2};
    const char *const argv[] = {"attest", "run", "a study.yaml"};
    struct att_provenance *provenance = att_provenance_collect(3, argv);
    struct att_error err = {0};
    struct specimen s;
    char path[512];

    memcpy(copy, results, sizeof copy);
    specimen_open(&s, dir);

    const struct att_store_input input = {
        .journal = s.journal,
        .study = att_study_of(s.file),
        .plan = s.plan,
        .claims = &claims,
        .provenance = provenance,
        .history = "attest run study.yaml",
    };

    (void)snprintf(path, sizeof path, "%s/results.h5", dir);
    must(att_store_write(path, &input, NULL, &err) == ATT_OK, "store", &err);
    att_provenance_destroy(provenance);
    specimen_close(&s);
}
