/* name.c - keys and seeds: hashes of canonical texts (plan.h).
 *
 * A value is spelt as base spells it: integers in decimal, reals as the
 * shortest decimal that reads back, choices as they are, files by the hash of
 * their bytes. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plan_priv.h"

/* ---- one parameter ------------------------------------------------------------- */

static void put_file(const struct att_plan *plan, const char *path,
                     struct att_buffer *out)
{
    char hex[ATT_KEY_TEXT];
    struct att_key hash;

    if (path[0] == '\0')
        return;
    if (plan->inputs != NULL && att_inputs_hash(plan->inputs, path, &hash)) {
        att_buffer_text(out, "xxh3:");
        att_buffer_text(out, att_key_text(hash, hex));
        return;
    }
    att_buffer_text(out, "unread:"); /* a row of another run: equals nothing */
    att_buffer_text(out, path);
}

/* "name=value\n"; nothing for a later parameter at its default. */
static void put_param(const struct att_plan *plan,
                      const struct att_param *param, struct att_value v,
                      struct att_buffer *out)
{
    char text[ATT_NUMBER_TEXT];

    if (param->since > 0 && att_value_equal(v, att_param_default(param)))
        return;
    att_buffer_text(out, param->name);
    att_buffer_text(out, "=");
    if (param->type == ATT_TYPE_PATH && v.kind == ATT_TEXT) {
        put_file(plan, v.s, out);
    } else {
        att_buffer_text(out, att_value_text(v, text));
    }
    att_buffer_text(out, "\n");
}

static bool is_searched(const struct grid *g, uint32_t param)
{
    return g->sweep->find.present && g->sweep->find.param == param;
}

/* ---- searches --------------------------------------------------------------------- */

static void put_candidates(const struct att_axis *range, struct att_buffer *out)
{
    char text[ATT_NUMBER_TEXT];

    att_buffer_text(out, "among=");
    if (range->value == NULL) {
        const int64_t last =
            range->from + (int64_t)(range->n - 1) * range->step;

        att_buffer_printf(out, "%" PRId64 ":%" PRId64 ":%" PRId64 "\n",
                          range->from, last, range->step);
        return;
    }
    for (uint64_t i = 0; i < range->n; i++) {
        att_buffer_text(out, i > 0 ? "," : "");
        att_buffer_text(out, att_value_text(att_axis_value(range, i, 0), text));
    }
    att_buffer_text(out, "\n");
}

static void put_search(const struct grid *g, struct att_buffer *out)
{
    const struct att_find *find = &g->sweep->find;
    char share[ATT_NUMBER_TEXT];

    if (!find->present)
        return;
    att_buffer_printf(
        out, "find=%s %s\nsuch_that=", find->largest ? "largest" : "smallest",
        att_construction_param(g->construction, find->param)->name);
    att_expr_canonical(find->such_that, out);
    att_buffer_text(out, "\n");
    put_candidates(&find->range, out);
    if (find->share > 0) {
        att_buffer_printf(out, "share=%s of %" PRIu32 "\n",
                          att_real_text(find->share, share),
                          g->sweep->replicates);
    }
}

/* ---- made once per sweep ------------------------------------------------------------- */

static int compare_names(const void *a, const void *b, void *context)
{
    const struct att_construction *c = context;

    return strcmp(att_construction_param(c, *(const uint32_t *)a)->name,
                  att_construction_param(c, *(const uint32_t *)b)->name);
}

att_status att_name_prepare(struct att_plan *plan, struct grid *g,
                            struct att_error *err)
{
    struct att_buffer text = {0};
    struct att_construction c = *g->construction;

    g->sorted = ATT_NEW(plan->arena, uint32_t, g->n_params);
    put_search(g, &text);
    if (att_buffer_ok(&text)) {
        g->search_key =
            att_arena_strdup(plan->arena, text.size > 0 ? text.data : "");
    }
    att_buffer_fini(&text);
    if (g->sorted == NULL || g->search_key == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory for a plan");
    for (uint32_t i = 0; i < g->n_params; i++)
        g->sorted[i] = i;
    qsort_r(g->sorted, g->n_params, sizeof *g->sorted, compare_names, &c);
    return ATT_OK;
}

/* ---- keys ------------------------------------------------------------------------------- */

void att_plan_key_text(const struct att_plan *plan, const struct att_task *task,
                       struct att_buffer *out)
{
    const struct grid *g = &plan->grid[task->sweep];

    att_buffer_printf(
        out, "attest key 1\nseed=%" PRIu64 "\ncoupling=%s\nconstruction=%s\n",
        plan->study->seed, plan->study->independent ? "independent" : "paired",
        g->construction->name);
    for (uint32_t k = 0; k < g->n_params; k++) {
        const uint32_t i = g->sorted[k];

        if (!is_searched(g, i)) {
            put_param(plan, att_construction_param(g->construction, i),
                      task->p[i], out);
        }
    }
    att_buffer_text(out, g->search_key);
    att_buffer_printf(out, "replicate=%" PRId64 "\n", task->replicate);
}

struct att_key att_plan_key(const struct att_plan *plan,
                            const struct att_task *task)
{
    struct att_buffer text = {0};

    att_plan_key_text(plan, task, &text);
    const struct att_key key = att_hash128(text.data, text.size);
    att_buffer_fini(&text);
    return key;
}

/* ---- seeds -------------------------------------------------------------------------------- */

/* The parameters among the first n that seed a stream, by name. */
static void put_seeding(const struct att_plan *plan,
                        const struct att_task *task, uint32_t n,
                        enum att_seeds seeds, struct att_buffer *out)
{
    const struct grid *g = &plan->grid[task->sweep];

    for (uint32_t k = 0; k < g->n_params; k++) {
        const uint32_t i = g->sorted[k];
        const struct att_param *param =
            att_construction_param(g->construction, i);

        if (i < n && !is_searched(g, i) &&
            (plan->study->independent || param->seeds == seeds))
            put_param(plan, param, task->p[i], out);
    }
}

static uint64_t hash_and_free(struct att_buffer *text)
{
    const uint64_t hash = att_hash64(text->data, text->size);

    att_buffer_fini(text);
    return hash;
}

void att_plan_seeds(const struct att_plan *plan, const struct att_task *task,
                    uint64_t *instance_seed, uint64_t *builder_seed)
{
    const struct grid *g = &plan->grid[task->sweep];
    const struct att_problem *problem = g->construction->problem;
    struct att_buffer text = {0};

    att_buffer_printf(&text,
                      "attest instance 1\nseed=%" PRIu64 "\nproblem=%s\n",
                      plan->study->seed, problem->name);
    put_seeding(plan, task, problem->n_params, ATT_SEEDS_INSTANCE, &text);
    att_buffer_printf(&text, "replicate=%" PRId64 "\n", task->replicate);
    *instance_seed = hash_and_free(&text);

    att_buffer_printf(
        &text, "attest builder 1\ninstance=%016" PRIx64 "\nconstruction=%s\n",
        *instance_seed, g->construction->name);
    put_seeding(plan, task, g->n_params, ATT_SEEDS_BUILDER, &text);
    *builder_seed = hash_and_free(&text);
}
