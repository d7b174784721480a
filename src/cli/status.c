/* status.c - how runs stand, from any host that sees their folders.
 *
 * Only status.json is read: it is small, replaced as a whole, and says when
 * it was written, so that a dead run is not taken for a slow one. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "attest/base/clock.h"
#include "attest/base/size.h"
#include "cli_priv.h"
#include "folder.h"
#include "json.h"

/* The writer beats every second, or every five on a network file system. */
static const double SILENT_AFTER_S = 30;

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static double number_of(const json_t *object, const char *name)
{
    const json_t *x = json_object_get(object, name);

    return json_is_number(x) ? json_number_value(x) : (double)NAN;
}

static json_t *read_status(const char *dir)
{
    struct cli_folder folder;
    struct att_error err = {0};
    json_error_t where;

    if (cli_folder_name(&folder, dir, &err) != ATT_OK) {
        (void)cli_fail(&err);
        return NULL;
    }
    json_t *root = json_load_file(folder.status, 0, &where);
    if (json_is_object(root))
        return root;
    json_decref(root);
    cli_error("a run writes it once it has started", "no status in %s: %s", dir,
              where.text);
    return NULL;
}

static bool is_running(const json_t *root)
{
    return strcmp(text_of(root, "state"), "running") == 0;
}

static double silence_of(const json_t *root)
{
    return att_clock_wall_s() - number_of(root, "heard_at");
}

static void print_counts(const json_t *root)
{
    char text[ATT_HUMAN_TEXT];
    char high[ATT_HUMAN_TEXT];
    const double low_s = number_of(root, "eta_low_s");
    const double high_s = number_of(root, "eta_high_s");

    (void)printf("  done %.0f/%.0f (%.0f %% of cost)  failed %.0f",
                 number_of(root, "kept") + number_of(root, "over"),
                 number_of(root, "tasks"), 100 * number_of(root, "cost_share"),
                 number_of(root, "failed"));
    if (isfinite(number_of(root, "tasks_per_s")) && is_running(root)) {
        (void)printf("  %s tasks/s",
                     att_count_text(number_of(root, "tasks_per_s"), text));
    }
    if (isfinite(number_of(root, "efficiency"))) {
        (void)printf("  efficiency %.0f %%",
                     100 * number_of(root, "efficiency"));
    }
    if (is_running(root) && isfinite(low_s) && isfinite(high_s)) {
        (void)printf("  ETA %s to %s", att_seconds_text(low_s, text),
                     att_seconds_text(high_s, high));
    }
    (void)puts("");
}

static void print_heard(const char *dir, const json_t *root)
{
    const double silent_s = silence_of(root);
    char text[ATT_HUMAN_TEXT];

    (void)printf("  last heard of %s ago\n",
                 att_seconds_text(fmax(silent_s, 0), text));
    if (is_running(root) && silent_s > SILENT_AFTER_S) {
        (void)printf("  the coordinator may be gone: `attest run %s` goes on "
                     "where it ended\n",
                     dir);
    }
}

static void print_lanes(const json_t *root)
{
    const json_t *lanes = json_object_get(root, "lanes");

    for (size_t i = 0; i < json_array_size(lanes); i++) {
        const json_t *lane = json_array_get(lanes, i);
        const char *task = text_of(lane, "task");
        char text[ATT_HUMAN_TEXT];

        (void)printf("  rank %-4.0f lane %-3.0f ", number_of(lane, "rank"),
                     number_of(lane, "lane"));
        if (task[0] == '\0') {
            (void)puts("idle");
            continue;
        }
        (void)printf("%s  %s %.0f %%  %s\n", task, text_of(lane, "phase"),
                     100 * number_of(lane, "done"),
                     att_seconds_text(number_of(lane, "elapsed_s"), text));
    }
}

static void print_status(const char *dir, const json_t *root)
{
    (void)printf("%s: %s, %s", dir, text_of(root, "name"),
                 text_of(root, "state"));
    if (json_object_get(root, "exit_code") != NULL)
        (void)printf(" (exit code %.0f)", number_of(root, "exit_code"));
    if (number_of(root, "lost_ranks") > 0)
        (void)printf(", %.0f ranks lost", number_of(root, "lost_ranks"));
    (void)puts("");
    print_counts(root);
    print_heard(dir, root);
    if (is_running(root) && silence_of(root) <= SILENT_AFTER_S)
        print_lanes(root);
}

static int status_of(const char *dir, json_t *all)
{
    json_t *root = read_status(dir);

    if (root == NULL)
        return CLI_TROUBLE;
    if (all == NULL) {
        print_status(dir, root);
        json_decref(root);
        return CLI_DONE;
    }
    json_object_set_new(root, "dir", json_string(dir));
    json_array_append_new(all, root);
    return CLI_DONE;
}

int cmd_status(int argc, char **argv)
{
    bool json = false;
    const struct cli_option options[] = {
        {"json", 0, CLI_SWITCH, NULL, &json, "print JSON"},
    };
    const struct cli_usage usage = {
        .synopsis = "status DIR... [--json]",
        .summary = "Tell how runs stand: done, failed, rate, ETA, lanes.",
        .details = "Works from any host that sees the folders, and after the "
                   "run has died.",
        .example = "  attest status runs/*",
        .option = options,
        .n_options = 1,
        .min_operands = 1,
        .max_operands = -1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);
    int code = CLI_DONE;

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    json_t *all = json ? json_array() : NULL;
    for (int i = 0; i < operands.n; i++) {
        const int one = status_of(operands.word[i], all);

        code = one != CLI_DONE ? one : code;
    }
    if (json) {
        json_t *root = cli_json_begin("status");

        json_object_set_new(root, "runs", all);
        const int printed = cli_json_end(root);
        code = printed != CLI_DONE ? printed : code;
    }
    return code;
}
