/* list.c - what this build can construct. */
#include "attest/construction/registry.h"
#include "cli_priv.h"
#include "json.h"

struct library {
    const char *name, *serves;
    bool here;
};

static const struct library LIBRARIES[] = {
    {"MPI", "more than one rank", ATT_HAVE_MPI},
    {"SLEEF", "vector exp, log, sin, cos", ATT_HAVE_SLEEF},
    {"KissFFT", "histogram path of matching", ATT_HAVE_KISSFFT},
    {"CLP", "linear programs: optimal duals, census", ATT_HAVE_CLP},
    {"MPFR", "wide-precision referee", ATT_HAVE_MPFR},
    {"LAPACKE", "least squares, singular values", ATT_HAVE_LAPACKE},
};

enum { N_LIBRARIES = sizeof LIBRARIES / sizeof LIBRARIES[0] };

static json_t *construction_json(const struct att_construction *c)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "name", c->name,
                     "family", c->family, "problem", c->problem->name, "source",
                     c->source, "summary", c->summary, "version",
                     (int)c->version);
}

static int list_json(void)
{
    size_t n = 0;
    const struct att_construction *const *all = att_constructions(&n);
    json_t *root = cli_json_begin("list");
    json_t *constructions = json_array();
    json_t *libraries = json_object();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(constructions, construction_json(all[i]));
    for (size_t i = 0; i < N_LIBRARIES; i++) {
        json_object_set_new(libraries, LIBRARIES[i].name,
                            json_boolean(LIBRARIES[i].here));
    }
    json_object_set_new(root, "constructions", constructions);
    json_object_set_new(root, "libraries", libraries);
    return cli_json_end(root);
}

/* The first construction of each problem introduces it. */
static bool problem_is_new(const struct att_construction *const *all, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (all[k]->problem == all[i]->problem)
            return false;
    }
    return true;
}

static int list_text(void)
{
    size_t n = 0;
    const struct att_construction *const *all = att_constructions(&n);

    (void)puts("constructions:");
    for (size_t i = 0; i < n; i++) {
        (void)printf("  %-20s %s\n  %-20s   from: %s\n", all[i]->name,
                     all[i]->summary, "", all[i]->source);
    }
    (void)puts("\nproblems:");
    for (size_t i = 0; i < n; i++) {
        if (problem_is_new(all, i)) {
            (void)printf("  %-20s %s\n", all[i]->problem->name,
                         all[i]->problem->summary);
        }
    }
    for (size_t i = 0; i < N_LIBRARIES; i++) {
        if (!LIBRARIES[i].here) {
            (void)printf("\nnot in this build: %s (%s)\n", LIBRARIES[i].name,
                         LIBRARIES[i].serves);
        }
    }
    (void)puts("\n`attest describe NAME` tells what a construction takes, "
               "measures and claims.");
    return CLI_DONE;
}

int cmd_list(int argc, char **argv)
{
    bool json = false;
    const struct cli_option options[] = {
        {"json", 0, CLI_SWITCH, NULL, &json, "print JSON"},
    };
    const struct cli_usage usage = {
        .synopsis = "list [--json]",
        .summary = "List constructions and problems, with the theorem behind "
                   "each.",
        .details = "",
        .example = "  attest list",
        .option = options,
        .n_options = 1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    return json ? list_json() : list_text();
}
