/* options.c - getopt_long from a declared table, and the help it implies. */
#include "cli_priv.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/size.h"
#include "attest/base/text.h"

enum { MAX_OPTIONS = 40, HELP_CODE = 1000, FIRST_CODE = 1001 };

/* The table in getopt's form: code of option i is FIRST_CODE + i. */
struct parser {
    struct option long_form[MAX_OPTIONS + 2];
    char short_form[2 * MAX_OPTIONS + 4];
};

static void fill_parser(const struct cli_usage *usage, struct parser *p)
{
    size_t used = 0;

    p->short_form[used++] = ':';
    p->short_form[used++] = 'h';
    for (size_t i = 0; i < usage->n_options; i++) {
        const struct cli_option *o = &usage->option[i];
        const bool wants = o->kind != CLI_SWITCH;

        p->long_form[i] =
            (struct option){o->name, wants ? required_argument : no_argument,
                            NULL, FIRST_CODE + (int)i};
        if (o->letter != 0) {
            p->short_form[used++] = o->letter;
            if (wants)
                p->short_form[used++] = ':';
        }
    }
    p->short_form[used] = '\0';
    p->long_form[usage->n_options] =
        (struct option){"help", no_argument, NULL, HELP_CODE};
    p->long_form[usage->n_options + 1] = (struct option){NULL, 0, NULL, 0};
}

static void print_option(const struct cli_option *o)
{
    char left[40];
    char letter[8] = "    ";

    if (o->letter != 0)
        (void)snprintf(letter, sizeof letter, "-%c, ", o->letter);
    (void)snprintf(left, sizeof left, "%s--%s%s%s", letter, o->name,
                   o->value != NULL ? " " : "",
                   o->value != NULL ? o->value : "");
    (void)printf("  %-26s %s\n", left, o->help);
}

static void print_help(const struct cli_usage *usage)
{
    (void)printf("usage: attest %s\n\n%s\n", usage->synopsis, usage->summary);
    if (usage->details[0] != '\0')
        (void)printf("%s\n", usage->details);
    if (usage->n_options > 0)
        (void)puts("");
    for (size_t i = 0; i < usage->n_options; i++)
        print_option(&usage->option[i]);
    (void)printf("\nexample:\n%s\n", usage->example);
}

static const struct cli_option *option_of(const struct cli_usage *usage,
                                          int code)
{
    if (code >= FIRST_CODE)
        return &usage->option[code - FIRST_CODE];
    for (size_t i = 0; i < usage->n_options; i++) {
        if (usage->option[i].letter == code)
            return &usage->option[i];
    }
    return NULL;
}

static bool store_count(const struct cli_option *o, const char *text)
{
    char *end = NULL;
    const long long n = strtoll(text, &end, 10);

    if (end == text || *end != '\0' || n < 0) {
        cli_error(NULL, "--%s %s: not a count (0, 1, 2, ...)", o->name, text);
        return false;
    }
    *(int64_t *)o->target = n;
    return true;
}

/* Was the value understood?  If not, say why. */
static bool said(const struct cli_option *o, att_status status,
                 const struct att_error *err)
{
    if (status != ATT_OK)
        cli_error(NULL, "--%s: %s", o->name, err->text);
    return status == ATT_OK;
}

static bool store_word(struct cli_words *words, const char *text)
{
    if (words->n == CLI_MAX_WORDS) {
        cli_error(NULL, "more than %d words at '%s'", CLI_MAX_WORDS, text);
        return false;
    }
    words->word[words->n++] = text;
    return true;
}

static bool store_value(const struct cli_option *o, const char *text)
{
    struct att_error err = {0};

    switch (o->kind) {
    case CLI_SWITCH:
        *(bool *)o->target = true;
        return true;
    case CLI_TEXT:
        *(const char **)o->target = text;
        return true;
    case CLI_COUNT:
        return store_count(o, text);
    case CLI_TIME:
        return said(o, att_seconds_parse(text, o->target, &err), &err);
    case CLI_SIZE:
        return said(o, att_bytes_parse(text, o->target, &err), &err);
    case CLI_WORDS:
        return store_word(o->target, text);
    }
    return false;
}

/* Name the option that was probably meant. */
static void refuse(const struct cli_usage *usage, const char *word)
{
    const char *names[MAX_OPTIONS + 1];
    const size_t bare = strspn(word, "-");
    const size_t length = strcspn(word + bare, "=");
    char asked[64];
    char hint[96];

    (void)snprintf(asked, sizeof asked, "%.*s", (int)length, word + bare);
    for (size_t i = 0; i < usage->n_options; i++)
        names[i] = usage->option[i].name;
    names[usage->n_options] = "help";
    const char *nearest = att_text_nearest(asked, names, usage->n_options + 1);
    (void)snprintf(hint, sizeof hint, "did you mean --%s?",
                   nearest != NULL ? nearest : "help");
    cli_error(hint, "unknown option '%s'", word);
}

static bool operands_fit(const struct cli_usage *usage, int n)
{
    if (n >= usage->min_operands &&
        (usage->max_operands < 0 || n <= usage->max_operands))
        return true;
    cli_error(NULL, "%s\nusage: attest %s",
              n < usage->min_operands ? "an operand is missing"
                                      : "too many operands",
              usage->synopsis);
    return false;
}

/* Handle one code of getopt_long; CLI_GO to continue. */
static enum cli_parsed handle(const struct cli_usage *usage, int code,
                              char **argv)
{
    if (code == HELP_CODE || code == 'h') {
        print_help(usage);
        return CLI_HELPED;
    }
    if (code == ':') {
        cli_error(NULL, "option '%s' needs a value\nusage: attest %s",
                  argv[optind - 1], usage->synopsis);
        return CLI_WRONG;
    }
    const struct cli_option *o = code == '?' ? NULL : option_of(usage, code);
    if (o == NULL) {
        refuse(usage, argv[optind - 1]);
        return CLI_WRONG;
    }
    return store_value(o, optarg) ? CLI_GO : CLI_WRONG;
}

enum cli_parsed cli_parse(const struct cli_usage *usage, int argc, char **argv,
                          struct cli_words *operands)
{
    struct parser p;
    int code = 0;

    fill_parser(usage, &p);
    opterr = 0;
    optind = 0; /* start anew: main has looked at the command's name */
    while ((code = getopt_long(argc, argv, p.short_form, p.long_form, NULL)) !=
           -1) {
        const enum cli_parsed parsed = handle(usage, code, argv);

        if (parsed != CLI_GO)
            return parsed;
    }
    operands->n = 0;
    while (optind < argc) {
        if (!store_word(operands, argv[optind++]))
            return CLI_WRONG;
    }
    return operands_fit(usage, operands->n) ? CLI_GO : CLI_WRONG;
}
