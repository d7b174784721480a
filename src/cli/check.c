/* check.c - do the claims hold? */
#include <string.h>

#include "cli_priv.h"
#include "json.h"
#include "verdicts.h"

static json_t *tally_json(const struct att_claim_tally *t)
{
    json_t *row =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", t->claim->id, "sweep",
                  t->sweep, "statement", t->claim->statement, "standing",
                  att_standing_text(t->claim->standing), "scope",
                  att_scope_text(t->claim->scope), "verdict",
                  att_verdict_text(t->verdict));
    static const char *const slots[ATT_TALLY_SLOTS] = {
        "not_applicable", "holds", "inconclusive", "departs", "violated"};

    for (int i = 0; i < ATT_TALLY_SLOTS; i++) {
        json_object_set_new(row, slots[i],
                            json_integer((json_int_t)t->count[i]));
    }
    json_object_set_new(row, "judged", json_integer((json_int_t)t->n_judged));
    json_object_set_new(row, "planned", json_integer((json_int_t)t->n_planned));
    if (t->has_worst)
        json_object_set_new(row, "worst_key", att_json_key(t->worst_key));
    return row;
}

static json_t *finding_json(const struct att_claim_result *r)
{
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", r->claim->id,
                            "sweep", r->sweep, "group", r->group, "verdict",
                            att_verdict_text(r->finding.verdict), "note",
                            r->finding.note);

    json_object_set_new(row, "n", json_integer((json_int_t)r->n));
    json_object_set_new(row, "planned", json_integer((json_int_t)r->n_planned));
    json_object_set_new(row, "statistic", att_json_real(r->finding.statistic));
    json_object_set_new(row, "lo", att_json_real(r->finding.lo));
    json_object_set_new(row, "hi", att_json_real(r->finding.hi));
    json_object_set_new(row, "predicted", att_json_real(r->finding.predicted));
    return row;
}

static int print_json(const struct cli_verdicts *v)
{
    json_t *root = cli_json_begin("check");
    json_t *claims = json_array();
    json_t *groups = json_array();

    for (size_t i = 0; i < v->tallies.n; i++)
        json_array_append_new(claims, tally_json(&v->tallies.tally[i]));
    for (size_t i = 0; i < v->results.n; i++)
        json_array_append_new(groups, finding_json(&v->results.result[i]));
    json_object_set_new(root, "claims", claims);
    json_object_set_new(root, "groups", groups);
    return cli_json_end(root);
}

static bool parse_policy(const char *text, enum att_fail_on *policy)
{
    if (strcmp(text, "proved") == 0) {
        *policy = ATT_FAIL_ON_PROVED;
    } else if (strcmp(text, "any") == 0) {
        *policy = ATT_FAIL_ON_ANY;
    } else if (strcmp(text, "nothing") == 0) {
        *policy = ATT_FAIL_ON_NOTHING;
    } else {
        return false;
    }
    return true;
}

static int check(const char *path, enum att_fail_on policy, bool json)
{
    struct att_dataset *dataset = NULL;
    struct cli_verdicts v = {0};
    struct att_error err = {0};
    int code = CLI_DONE;

    if (att_dataset_open(path, &dataset, &err) != ATT_OK)
        return cli_fail(&err);
    code = cli_verdicts_make(dataset, &v);
    if (code != CLI_DONE)
        goto out;
    if (json) {
        code = print_json(&v);
    } else {
        cli_verdicts_print(&v, stdout);
    }
    if (code == CLI_DONE && att_tally_fails(&v.tallies, policy))
        code = CLI_VIOLATED;
out:
    cli_verdicts_fini(&v);
    att_dataset_close(dataset);
    return code;
}

int cmd_check(int argc, char **argv)
{
    bool json = false;
    const char *fail_on = "proved";
    enum att_fail_on policy = ATT_FAIL_ON_PROVED;
    const struct cli_option options[] = {
        {"fail-on", 0, CLI_TEXT, "WHAT", &fail_on,
         "exit 4 on: proved (default), any, nothing"},
        {"json", 0, CLI_SWITCH, NULL, &json, "print JSON, with every group"},
    };
    const struct cli_usage usage = {
        .synopsis = "check DIR|FILE [--fail-on proved|any|nothing] [--json]",
        .summary = "Print the verdict on every claim of a run.",
        .details =
            "A proved claim that fails is violated, any other one departs.\n"
            "Exit code 4 when a proved claim is violated.",
        .example = "  attest check runs/quickstart\n"
                   "  attest check results.h5 --fail-on any",
        .option = options,
        .n_options = 2,
        .min_operands = 1,
        .max_operands = 1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    if (!parse_policy(fail_on, &policy)) {
        cli_error("proved, any or nothing", "--fail-on %s is unknown", fail_on);
        return CLI_USAGE;
    }
    return check(operands.word[0], policy, json);
}
