/* diff.c - do two runs say the same? */
#include <inttypes.h>
#include <string.h>

#include "attest/store/compare.h"
#include "cli_priv.h"
#include "json.h"

enum { KEYS_SHOWN = 5 };

static void print_only(const char *path, const struct att_key *key, size_t n)
{
    char text[ATT_KEY_TEXT];

    if (n == 0)
        return;
    (void)printf("only in %s: %zu rows:", path, n);
    for (size_t i = 0; i < n && i < KEYS_SHOWN; i++)
        (void)printf(" k%.12s", att_key_text(key[i], text));
    (void)puts(n > KEYS_SHOWN ? " ..." : "");
}

static void print_column(const struct att_diff_column *c)
{
    char key[ATT_KEY_TEXT];

    (void)printf("  %-18s %-26s %-16s", c->construction, c->column,
                 att_level_text(c->level));
    if (c->level != ATT_LEVEL_EQUAL) {
        (void)printf(" %" PRIu64 " rows, largest relative difference %.3g, "
                     "k%.12s",
                     c->count[c->level], c->worst,
                     att_key_text(c->worst_key, key));
    }
    (void)puts("");
}

static void print_text(const char *const path[2], const struct att_diff *d,
                       bool all)
{
    size_t n_equal = 0;

    for (size_t i = 0; i < d->n_columns; i++) {
        n_equal += d->column[i].level == ATT_LEVEL_EQUAL;
        if (all || d->column[i].level != ATT_LEVEL_EQUAL)
            print_column(&d->column[i]);
    }
    print_only(path[0], d->only_a, d->n_only_a);
    print_only(path[1], d->only_b, d->n_only_b);
    (void)printf("%" PRIu64
                 " rows in both; %zu of %zu columns bits equal; %s\n",
                 d->n_common, n_equal, d->n_columns, att_level_text(d->level));
}

static int print_json(const struct att_diff *d)
{
    json_t *root = cli_json_begin("diff");
    json_t *columns = json_array();

    for (size_t i = 0; i < d->n_columns; i++) {
        const struct att_diff_column *c = &d->column[i];
        json_t *row =
            json_pack("{s:s, s:s, s:s}", "construction", c->construction,
                      "column", c->column, "level", att_level_text(c->level));

        json_object_set_new(row, "worst", att_json_real(c->worst));
        json_object_set_new(row, "worst_key", att_json_key(c->worst_key));
        json_array_append_new(columns, row);
    }
    json_object_set_new(root, "level", json_string(att_level_text(d->level)));
    json_object_set_new(root, "common", json_integer((json_int_t)d->n_common));
    json_object_set_new(root, "only_a", json_integer((json_int_t)d->n_only_a));
    json_object_set_new(root, "only_b", json_integer((json_int_t)d->n_only_b));
    json_object_set_new(root, "columns", columns);
    return cli_json_end(root);
}

static bool same(const struct att_diff *d)
{
    return d->n_only_a == 0 && d->n_only_b == 0 &&
           (d->level == ATT_LEVEL_EQUAL || d->level == ATT_LEVEL_WITHIN);
}

static int diff(const char *const path[2], bool all, bool json)
{
    struct att_dataset *a = NULL;
    struct att_dataset *b = NULL;
    struct att_diff *d = NULL;
    struct att_error err = {0};
    int code = CLI_DONE;

    if (att_dataset_open(path[0], &a, &err) != ATT_OK ||
        att_dataset_open(path[1], &b, &err) != ATT_OK ||
        att_diff(a, b, &d, &err) != ATT_OK) {
        code = cli_fail(&err);
        goto out;
    }
    if (json) {
        code = print_json(d);
    } else {
        print_text(path, d, all);
    }
    if (code == CLI_DONE && !same(d))
        code = CLI_TROUBLE;
out:
    att_diff_destroy(d);
    att_dataset_close(b);
    att_dataset_close(a);
    return code;
}

int cmd_diff(int argc, char **argv)
{
    bool all = false;
    bool json = false;
    const struct cli_option options[] = {
        {"all", 0, CLI_SWITCH, NULL, &all, "list equal columns as well"},
        {"json", 0, CLI_SWITCH, NULL, &json, "print JSON"},
    };
    const struct cli_usage usage = {
        .synopsis = "diff A B [--all] [--json]",
        .summary = "Compare two runs column by column, rows matched by key.",
        .details =
            "Levels: bits equal, within the declared tolerance, same verdicts,"
            "\ndifferent.  Exit code 1 unless all rows are in both and "
            "agree within tolerance.",
        .example = "  attest diff runs/laptop runs/cluster",
        .option = options,
        .n_options = 2,
        .min_operands = 2,
        .max_operands = 2,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    return diff(operands.word, all, json);
}
