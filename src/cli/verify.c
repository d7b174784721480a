/* verify.c - does a run folder still say what it said? */
#include <inttypes.h>

#include "attest/store/verify.h"
#include "cli_priv.h"
#include "folder.h"
#include "json.h"

static void print_journal(const struct att_journal_report *j)
{
    struct att_buffer text = {0};

    att_journal_report_text(j, &text);
    (void)printf("journal:  %" PRIu64 " rows, %" PRIu64 " keys; %s\n",
                 j->n_rows, j->n_keys,
                 att_buffer_ok(&text) && text.size > 0 ? text.data : "");
    att_buffer_fini(&text);
}

static void print_report(const struct att_verify_report *r)
{
    print_journal(&r->journal);
    (void)printf("keys:     %" PRIu64 " recomputed, %" PRIu64 " wrong",
                 r->n_keys_checked, r->n_keys_wrong);
    if (r->n_keys_unchecked > 0) {
        (void)printf(", %" PRIu64 " of studies that no longer load",
                     r->n_keys_unchecked);
    }
    (void)puts("");
    if (r->has_store) {
        (void)printf("store:    %" PRIu64 " rows, %" PRIu64
                     " cells compared, %" PRIu64 " differ, %" PRIu64
                     " rows stray, %" PRIu64 " rows newer than the store\n",
                     r->n_store_rows, r->n_store_cells, r->n_cells_wrong,
                     r->n_rows_stray, r->n_rows_newer);
    } else {
        (void)puts("store:    there is no results.h5");
    }
    (void)puts(r->sound ? "sound" : "NOT SOUND");
}

static int print_json(const struct att_verify_report *r,
                      const struct att_buffer *findings)
{
    json_t *root = cli_json_begin("verify");

    json_object_set_new(root, "sound", json_boolean(r->sound));
    json_object_set_new(root, "rows",
                        json_integer((json_int_t)r->journal.n_rows));
    json_object_set_new(root, "skipped_bytes",
                        json_integer((json_int_t)r->journal.skipped_bytes));
    json_object_set_new(root, "torn_bytes",
                        json_integer((json_int_t)r->journal.torn_bytes));
    json_object_set_new(root, "keys_checked",
                        json_integer((json_int_t)r->n_keys_checked));
    json_object_set_new(root, "keys_wrong",
                        json_integer((json_int_t)r->n_keys_wrong));
    json_object_set_new(root, "has_store", json_boolean(r->has_store));
    json_object_set_new(root, "cells_wrong",
                        json_integer((json_int_t)r->n_cells_wrong));
    json_object_set_new(root, "rows_stray",
                        json_integer((json_int_t)r->n_rows_stray));
    json_object_set_new(root, "rows_newer",
                        json_integer((json_int_t)r->n_rows_newer));
    json_object_set_new(root, "findings",
                        json_string(findings->size > 0 ? findings->data : ""));
    return cli_json_end(root);
}

static int verify(const char *dir, bool json)
{
    struct att_verify_report report = {0};
    struct att_buffer findings = {0};
    struct att_error err = {0};
    int code = CLI_DONE;

    if (att_verify(dir, &report, &findings, &err) != ATT_OK) {
        (void)cli_fail(&err);
        code = CLI_TROUBLE;
        goto out;
    }
    if (json) {
        code = print_json(&report, &findings);
    } else {
        if (findings.size > 0)
            (void)fputs(findings.data, stdout);
        print_report(&report);
    }
    if (!report.sound)
        code = CLI_TROUBLE;
out:
    att_buffer_fini(&findings);
    return code;
}

int cmd_verify(int argc, char **argv)
{
    bool json = false;
    const struct cli_option options[] = {
        {"json", 0, CLI_SWITCH, NULL, &json, "print JSON"},
    };
    const struct cli_usage usage = {
        .synopsis = "verify DIR [--json]",
        .summary = "Check a run folder: checksums, keys, HDF5 against the "
                   "journal.",
        .details = "Exit code 1 when something is damaged, wrong or stray.",
        .example = "  attest verify runs/quickstart",
        .option = options,
        .n_options = 1,
        .min_operands = 1,
        .max_operands = 1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    const char *dir = operands.word[0];

    if (!cli_is_folder(dir)) {
        cli_error("name the run folder: its journal says what a store should "
                  "hold",
                  "'%s' is no folder", dir);
        return CLI_USAGE;
    }
    return verify(dir, json);
}
