/* cite.c - the papers behind rows, as BibTeX. */
#include <string.h>

#include "attest/construction/registry.h"
#include "attest/store/dataset.h"
#include "cli_priv.h"

enum { MAX_PAPERS = 128 };

/* Entries in the order in which they were met, each once. */
struct papers {
    const char *bibtex[MAX_PAPERS]; /* n, of constructions */
    size_t n;
};

static void add_paper(struct papers *p, const struct att_construction *c)
{
    if (c->bibtex == NULL || c->bibtex[0] == '\0')
        return;
    for (size_t i = 0; i < p->n; i++) {
        if (strcmp(p->bibtex[i], c->bibtex) == 0)
            return;
    }
    if (p->n < MAX_PAPERS)
        p->bibtex[p->n++] = c->bibtex;
}

static int add_dataset(struct papers *p, const char *path)
{
    struct att_dataset *dataset = NULL;
    struct att_error err = {0};

    if (att_dataset_open(path, &dataset, &err) != ATT_OK)
        return cli_fail(&err);
    for (uint32_t i = 0; i < att_dataset_n_sweeps(dataset); i++) {
        const char *name = att_dataset_sweep(dataset, i)->construction_name;
        const struct att_construction *c = att_construction_find(name);

        if (c != NULL) {
            add_paper(p, c);
        } else {
            cli_warn("this build knows no construction '%s'", name);
        }
    }
    att_dataset_close(dataset);
    return CLI_DONE;
}

static void print_paper(const char *bibtex)
{
    size_t n = strlen(bibtex);

    while (n > 0 && bibtex[n - 1] == '\n')
        n--;
    (void)printf("%.*s\n\n", (int)n, bibtex);
}

int cmd_cite(int argc, char **argv)
{
    const struct cli_usage usage = {
        .synopsis = "cite DIR|FILE|CONSTRUCTION...",
        .summary = "Print the papers behind the rows as BibTeX.",
        .details = "Each paper once, in the order of the sweeps.",
        .example = "  attest cite runs/quickstart > attest.bib\n"
                   "  attest cite hardmax memorization",
        .min_operands = 1,
        .max_operands = -1,
    };
    struct cli_words operands = {0};
    struct papers papers = {.n = 0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    for (int i = 0; i < operands.n; i++) {
        const struct att_construction *c =
            att_construction_find(operands.word[i]);
        const int code =
            c == NULL ? add_dataset(&papers, operands.word[i]) : CLI_DONE;

        if (code != CLI_DONE)
            return code;
        if (c != NULL)
            add_paper(&papers, c);
    }
    for (size_t i = 0; i < papers.n; i++)
        print_paper(papers.bibtex[i]);
    if (papers.n == 0)
        cli_warn("these rows rest on no paper");
    return CLI_DONE;
}
