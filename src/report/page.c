/* page.c - the page from its head to its foot. */
#include "attest/report/page.h"

#include <inttypes.h>
#include <string.h>

#include "attest/judge/verdict.h"
#include "attest/store/provenance.h"
#include "page_priv.h"

/* ---- head --------------------------------------------------------------------- */

static void put_tile(struct att_buffer *out, const char *class, uint64_t n,
                     const char *what)
{
    att_buffer_printf(
        out, "<div class=\"tile %s\"><b>%" PRIu64 "</b><span>%s</span></div>\n",
        n > 0 ? class : "dim", n, what);
}

/* Claims by their worst verdict. */
static void count_claims(const struct att_claim_tallies *all,
                         uint64_t count[ATT_TALLY_SLOTS])
{
    for (size_t i = 0; i < all->n; i++)
        count[att_verdict_severity(all->tally[i].verdict)]++;
}

static void put_links(struct att_page_out *o)
{
    struct att_dataset *ds = o->page->dataset;

    att_buffer_text(o->html, "<nav><a href=\"#claims\">Claims</a>");
    for (uint32_t i = 0; i < att_dataset_n_sweeps(ds); i++) {
        att_buffer_text(o->html, "<a href=\"#sweep-");
        att_html_text(o->html, att_dataset_sweep(ds, i)->name);
        att_buffer_text(o->html, "\">");
        att_html_text(o->html, att_dataset_sweep(ds, i)->name);
        att_buffer_text(o->html, "</a>");
    }
    att_buffer_text(o->html, "<a href=\"#failures\">Without a result</a>"
                             "<a href=\"#cost\">Cost</a>"
                             "<a href=\"#provenance\">Provenance</a></nav>\n");
}

void att_page_head(struct att_page_out *o)
{
    struct att_dataset *ds = o->page->dataset;
    const char *created = att_dataset_fact(o->page->facts, "created");
    uint64_t count[ATT_TALLY_SLOTS] = {0};

    count_claims(o->page->tallies, count);
    att_buffer_text(o->html,
                    "<!doctype html>\n<html lang=en>\n<head>\n<meta "
                    "charset=utf-8>\n<meta name=viewport "
                    "content=\"width=device-width,initial-scale=1\">\n<link "
                    "rel=icon href=\"data:,\">\n<title>");
    att_html_text(o->html, att_dataset_name(ds));
    att_buffer_printf(
        o->html, " - attest</title>\n<style>\n%s</style>\n</head>\n<body>\n",
        att_page_style);
    att_html_element(o->html, "h1", "", att_dataset_name(ds));
    att_buffer_printf(
        o->html, "<p class=dim>%u sweeps, %" PRIu64 " of %" PRIu64 " rows done",
        att_dataset_n_sweeps(ds), att_dataset_n_done(ds),
        att_dataset_n_planned(ds));
    if (created != NULL) {
        att_buffer_text(o->html, "; ");
        att_html_text(o->html, created);
    }
    att_buffer_text(o->html, "</p>\n<div class=tiles>\n");
    put_tile(o->html, "good", count[ATT_TALLY_HOLDS], "claims hold");
    put_tile(o->html, "bad", count[ATT_TALLY_VIOLATED], "claims violated");
    put_tile(o->html, "odd", count[ATT_TALLY_DEPARTS], "claims depart");
    put_tile(o->html, "dim", count[ATT_TALLY_INCONCLUSIVE],
             "claims inconclusive");
    put_tile(o->html, "dim", att_dataset_n_planned(ds) - att_dataset_n_done(ds),
             "rows without a result");
    att_buffer_text(o->html, "</div>\n");
    put_links(o);
}

/* ---- foot ----------------------------------------------------------------------- */

static void put_fact(struct att_page_out *o, const char *name,
                     const char *label)
{
    const char *text = att_dataset_fact(o->page->facts, name);

    if (text == NULL || text[0] == '\0')
        return;
    att_html_element(o->html, "dt", "", label);
    att_html_element(o->html, "dd", "", text);
}

static void put_long_fact(struct att_page_out *o, const char *name,
                          const char *label, const char *state)
{
    const char *text = att_dataset_fact(o->page->facts, name);

    if (text == NULL || text[0] == '\0')
        return;
    att_buffer_printf(o->html, "<details%s><summary>%s</summary><pre>", state,
                      label);
    att_html_text(o->html, text);
    att_buffer_text(o->html, "</pre></details>\n");
}

void att_page_provenance(struct att_page_out *o)
{
    static const struct {
        const char *name, *label;
    } facts[] = {
        {"attest_version", "attest"},
        {"git_commit", "commit"},
        {"argv", "command"},
        {"created", "written"},
        {"host", "host"},
        {"hosts", "hosts of the rows"},
        {"cpu", "processor"},
        {"kernel", "kernel"},
        {"blas", "BLAS"},
        {"mpi", "MPI"},
        {"hdf5", "HDF5"},
        {"libraries", "libraries"},
        {"compiler", "compiler"},
        {"compiler_flags", "flags"},
        {"slurm", "Slurm"},
        {"modules", "modules"},
    };

    att_buffer_text(o->html, "<h2 id=provenance>Provenance</h2>\n<dl>");
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        put_fact(o, facts[i].name, facts[i].label);
    att_buffer_text(o->html, "</dl>\n");
    put_long_fact(o, "study", "The study file", " open");
    put_long_fact(o, "git_diff", "Changes since that commit", "");
    att_buffer_text(o->html, "<footer>Made by <code>");
    att_html_text(o->html, o->page->command);
    att_buffer_printf(o->html,
                      "</code> with attest %s. A key names a row for ever: "
                      "<code>attest show DIR k0123456789ab</code> prints it, "
                      "<code>attest rebuild</code> remakes its network."
                      "</footer>\n</body>\n</html>\n",
                      att_version());
}

/* ---- all ------------------------------------------------------------------------- */

static att_status write_parts(struct att_page_out *o, struct att_error *err)
{
    struct att_dataset *ds = o->page->dataset;

    att_page_head(o);
    att_page_claims(o);
    for (uint32_t i = 0; i < att_dataset_n_sweeps(ds); i++) {
        const struct att_arena_mark mark = att_arena_mark(o->arena);

        ATT_TRY(att_page_sweep(o, att_dataset_sweep(ds, i), err));
        att_arena_rewind(o->arena, mark);
    }
    ATT_TRY(att_page_failures(o, err));
    ATT_TRY(att_page_cost(o, err));
    att_page_provenance(o);
    return ATT_OK;
}

att_status att_page_write(const struct att_page *page, struct att_buffer *out,
                          size_t *figures, struct att_error *err)
{
    struct att_page_out o = {.page = page,
                             .html = out,
                             .arena = att_arena_create(0),
                             .can_draw = true};

    if (o.arena == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory for a page");
    att_status status = write_parts(&o, err);
    if (status == ATT_OK && !att_buffer_ok(out))
        status = att_fail(err, ATT_E_NOMEM, "out of memory for a page");
    if (status == ATT_OK && figures != NULL)
        *figures = o.n_figures;
    att_arena_destroy(o.arena);
    return status;
}
