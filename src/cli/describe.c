/* describe.c - everything a construction declares about itself. */
#include <string.h>

#include "attest/base/size.h"
#include "attest/plan/plan.h"
#include "cli_priv.h"
#include "json.h"
#include "known.h"

/* "2..1024; default 8", "gauss | vocab; default gauss", "a file" */
static void print_range(const struct att_param *p)
{
    struct att_buffer range = {0};
    char text[ATT_NUMBER_TEXT];

    cli_range_text(p, &range);
    (void)fputs(att_buffer_ok(&range) ? range.data : "", stdout);
    if (p->type != ATT_TYPE_PATH) {
        (void)printf("; default %s",
                     att_value_text(att_param_default(p), text));
    }
    att_buffer_fini(&range);
}

static void print_params(const struct att_construction *c)
{
    (void)puts("\nparameters:");
    for (uint32_t i = 0; i < att_construction_n_params(c); i++) {
        const struct att_param *p = att_construction_param(c, i);

        (void)printf("  %-12s %s\n  %-12s   ", p->name, p->doc, "");
        print_range(p);
        (void)puts(p->seeds == ATT_SEEDS_NOTHING ? "" : "; seeds");
    }
}

static void print_metrics(const char *title, const struct att_metric *metric,
                          uint32_t n)
{
    static const char *const roles[] = {
        [ATT_ROLE_MEASURED] = "measured",
        [ATT_ROLE_PREDICTED] = "predicted",
        [ATT_ROLE_AXIS] = "axis",
    };

    if (n > 0)
        (void)printf("\n%s:\n", title);
    for (uint32_t i = 0; i < n; i++) {
        const struct att_metric *m = &metric[i];

        (void)printf("  %-18s %s\n  %-18s   [%s] %s, %s", m->name, m->doc, "",
                     m->unit, roles[m->role], att_exactness_text(m->exactness));
        if (m->formula != NULL)
            (void)printf(", = %s", m->formula);
        (void)puts("");
    }
}

static void print_claims(const struct att_construction *c)
{
    (void)puts("\nclaims:");
    for (uint32_t i = 0; i < c->n_claims; i++) {
        const struct att_claim *k = &c->claims[i];

        (void)printf("  %-28s %s\n  %-28s   %s, per %s; %s\n", k->id,
                     k->statement, "", att_standing_text(k->standing),
                     att_scope_text(k->scope), k->source);
    }
}

static void default_point(const struct att_construction *c, struct att_value *p)
{
    for (uint32_t i = 0; i < att_construction_n_params(c); i++)
        p[i] = att_param_default(att_construction_param(c, i));
}

static void print_cost(const struct att_construction *c)
{
    struct att_value p[ATT_PLAN_PARAMS];
    char flops[ATT_HUMAN_TEXT];
    char bytes[ATT_HUMAN_TEXT];

    default_point(c, p);
    const struct att_cost cost = c->cost(p);
    (void)printf("\ncost at the defaults: %s flops, %s",
                 att_count_text(cost.flops, flops),
                 att_bytes_text((uint64_t)cost.bytes, bytes));
    for (uint32_t i = 0; i < att_construction_n_params(c); i++) {
        const struct att_param *param = att_construction_param(c, i);

        if (param->type != ATT_TYPE_INTEGER || 2 * p[i].i > param->i_max)
            continue;
        p[i].i *= 2;
        const double ratio = c->cost(p).flops / cost.flops;
        p[i].i /= 2;
        if (ratio > 1.05)
            (void)printf("; x%.2f for twice the %s", ratio, param->name);
    }
    (void)puts("");
}

static void print_example(const struct att_construction *c)
{
    (void)printf("\nexample sweep:\n"
                 "  - construction: %s\n"
                 "    grid:\n",
                 c->name);
    for (uint32_t i = 0; i < att_construction_n_params(c) && i < 3; i++) {
        const struct att_param *p = att_construction_param(c, i);
        char text[ATT_NUMBER_TEXT];

        (void)printf("      %s: %s\n", p->name,
                     att_value_text(att_param_default(p), text));
    }
}

static int describe_text(const struct att_construction *c)
{
    (void)printf("%s - %s\n  family %s, problem %s, version %d\n"
                 "  source: %s\n",
                 c->name, c->summary, c->family, c->problem->name,
                 (int)c->version, c->source);
    print_params(c);
    print_metrics("metrics", c->metrics, c->n_metrics);
    print_metrics("observations", c->observations, c->n_observations);
    print_claims(c);
    print_cost(c);
    print_example(c);
    return CLI_DONE;
}

static json_t *params_json(const struct att_construction *c)
{
    static const char *const types[] = {"integer", "real", "choice", "path"};
    json_t *array = json_array();

    for (uint32_t i = 0; i < att_construction_n_params(c); i++) {
        const struct att_param *p = att_construction_param(c, i);
        json_t *row =
            json_pack("{s:s, s:s, s:s, s:s}", "name", p->name, "doc", p->doc,
                      "unit", p->unit, "type", types[p->type]);

        json_object_set_new(row, "default",
                            att_json_value(att_param_default(p)));
        json_array_append_new(array, row);
    }
    return array;
}

static json_t *metrics_json(const struct att_metric *metric, uint32_t n)
{
    json_t *array = json_array();

    for (uint32_t i = 0; i < n; i++) {
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:s, s:s, s:s?}", "name",
                                        metric[i].name, "doc", metric[i].doc,
                                        "unit", metric[i].unit, "exactness",
                                        att_exactness_text(metric[i].exactness),
                                        "formula", metric[i].formula));
    }
    return array;
}

static int describe_json(const struct att_construction *c)
{
    json_t *root = cli_json_begin("describe");
    json_t *claims = json_array();

    for (uint32_t i = 0; i < c->n_claims; i++) {
        const struct att_claim *k = &c->claims[i];

        json_array_append_new(
            claims, json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", k->id,
                              "statement", k->statement, "source", k->source,
                              "standing", att_standing_text(k->standing),
                              "scope", att_scope_text(k->scope)));
    }
    json_object_set_new(root, "name", json_string(c->name));
    json_object_set_new(root, "parameters", params_json(c));
    json_object_set_new(root, "metrics",
                        metrics_json(c->metrics, c->n_metrics));
    json_object_set_new(root, "observations",
                        metrics_json(c->observations, c->n_observations));
    json_object_set_new(root, "claims", claims);
    return cli_json_end(root);
}

int cmd_describe(int argc, char **argv)
{
    bool json = false;
    const struct cli_option options[] = {
        {"json", 0, CLI_SWITCH, NULL, &json, "print JSON"},
    };
    const struct cli_usage usage = {
        .synopsis = "describe CONSTRUCTION [--json]",
        .summary = "Tell what a construction takes, measures, and claims.",
        .details = "",
        .example = "  attest describe hardmax",
        .option = options,
        .n_options = 1,
        .min_operands = 1,
        .max_operands = 1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    const struct att_construction *c = cli_construction(operands.word[0]);

    if (c == NULL)
        return CLI_USAGE;
    return json ? describe_json(c) : describe_text(c);
}
