/* page_claims.c - what the theorems say, and what became of it. */
#include <math.h>
#include <string.h>

#include "page_priv.h"

enum { GROUPS_SHOWN = 5 }; /* of one claim */

static const char *class_of(enum att_verdict v)
{
    switch (v) {
    case ATT_HOLDS:
        return "good";
    case ATT_VIOLATED:
        return "bad";
    case ATT_DEPARTS:
        return "odd";
    case ATT_INCONCLUSIVE:
    case ATT_NOT_APPLICABLE:
        break;
    }
    return "dim";
}

static void put_badge(struct att_buffer *out, enum att_verdict v)
{
    att_buffer_printf(out, "<span class=\"badge %s\">%s</span>", class_of(v),
                      att_verdict_text(v));
}

/* ---- one claim --------------------------------------------------------------- */

static void put_share(struct att_buffer *out, const char *class, size_t n,
                      size_t all)
{
    if (n > 0 && all > 0) {
        att_buffer_printf(out, "<i class=%s style=\"width:%.4g%%\"></i>", class,
                          100.0 * (double)n / (double)all);
    }
}

static void put_counts(struct att_buffer *out, const struct att_claim_tally *t)
{
    const size_t all = t->n_judged - t->count[ATT_TALLY_NOT_APPLICABLE];
    const char *unit = t->claim->scope == ATT_SCOPE_ROW ? "rows" : "groups";

    att_buffer_printf(out, "%zu of %zu %s", t->count[ATT_TALLY_HOLDS], all,
                      all == 1 && unit[0] == 'g' ? "group" : unit);
    if (t->n_judged < t->n_planned) {
        att_buffer_printf(out, "<br><span class=dim>%zu not judged</span>",
                          t->n_planned - t->n_judged);
    }
    att_buffer_text(out, "<div class=bar>");
    put_share(out, "h", t->count[ATT_TALLY_HOLDS], all);
    put_share(out, "o", t->count[ATT_TALLY_INCONCLUSIVE], all);
    put_share(out, "d", t->count[ATT_TALLY_DEPARTS], all);
    put_share(out, "v", t->count[ATT_TALLY_VIOLATED], all);
    att_buffer_text(out, "</div>");
}

static void put_worst(struct att_buffer *out, const struct att_claim_tally *t)
{
    char key[ATT_KEY_TEXT];

    if (t->has_worst && t->verdict != ATT_HOLDS) {
        att_buffer_printf(out, "<span class=key>k%.12s</span>",
                          att_key_text(t->worst_key, key));
    }
    if (t->group != NULL && t->group[0] != '\0') {
        att_buffer_text(out, " ");
        att_html_text(out, t->group);
    }
    if (t->note != NULL && t->note[0] != '\0') {
        att_buffer_text(out, "<div class=\"what dim\">");
        att_html_text(out, t->note);
        att_buffer_text(out, "</div>");
    }
}

static void put_claim(struct att_buffer *out, const struct att_claim_tally *t)
{
    att_buffer_text(out, "<tr><td>");
    put_badge(out, t->verdict);
    att_buffer_text(out, "</td><td><span class=id>");
    att_html_text(out, t->claim->id);
    att_buffer_text(out, "</span><div class=what>");
    att_html_text(out, t->claim->statement);
    att_buffer_text(out, "</div><div class=\"what dim\">");
    att_html_text(out, t->claim->source);
    att_buffer_printf(out, "</div></td><td>%s%s</td><td>",
                      att_standing_text(t->claim->standing),
                      t->claim->timing ? ", timing" : "");
    put_counts(out, t);
    att_buffer_text(out, "</td><td>");
    put_worst(out, t);
    att_buffer_text(out, "</td></tr>\n");
}

/* ---- groups of a claim ----------------------------------------------------------- */

static void put_number(struct att_buffer *out, double v)
{
    char text[ATT_NUMBER_TEXT];

    att_html_element(out, "td", "class=n",
                     isnan(v) ? "\xe2\x80\x93"
                              : att_number_text(v, ATT_DIGITS_DEFAULT, text));
}

static void put_result(struct att_buffer *out, const struct att_claim_result *r)
{
    att_buffer_text(out, "<tr>");
    att_html_element(out, "td", "", r->claim->id);
    att_html_element(out, "td", "", r->group);
    put_number(out, r->finding.statistic);
    put_number(out, r->finding.lo);
    put_number(out, r->finding.hi);
    put_number(out, r->finding.predicted);
    att_buffer_printf(out, "<td class=n>%zu of %zu</td><td>", r->n,
                      r->n_planned);
    put_badge(out, r->finding.verdict);
    att_buffer_text(out, "</td></tr>\n");
}

/* Does the claim of result i stand in this sweep, with something to say? */
static bool belongs(const struct att_claim_results *all, size_t i,
                    const struct att_claim *claim, const char *sweep)
{
    const struct att_claim_result *r = &all->result[i];

    return r->claim == claim && strcmp(r->sweep, sweep) == 0 &&
           r->finding.verdict != ATT_NOT_APPLICABLE;
}

/* The groups of one claim: first those that do not hold. */
static size_t put_groups(struct att_page_out *o, const struct att_claim *claim,
                         const char *sweep)
{
    const struct att_claim_results *all = o->page->results;
    size_t n = 0;

    for (int holds = 0; holds < 2; holds++) {
        for (size_t i = 0; i < all->n; i++) {
            if (!belongs(all, i, claim, sweep) ||
                (all->result[i].finding.verdict == ATT_HOLDS) != (holds == 1))
                continue;
            if (n++ < GROUPS_SHOWN)
                put_result(o->html, &all->result[i]);
        }
    }
    return n > GROUPS_SHOWN ? n - GROUPS_SHOWN : 0;
}

static void put_results(struct att_page_out *o,
                        const struct att_claim_tally *first,
                        const struct att_claim_tally *last)
{
    size_t n_more = 0;
    bool any = false;

    for (const struct att_claim_tally *t = first; t < last; t++) {
        if (t->claim->scope == ATT_SCOPE_ROW || !att_tally_applies(t))
            continue;
        if (!any) {
            att_buffer_text(o->html,
                            "<details open><summary>Groups of rows, with "
                            "their statistics</summary><div class=scroll>"
                            "<table><thead><tr><th>claim<th>group<th class=n>"
                            "statistic<th class=n>95 % from<th class=n>to"
                            "<th class=n>predicted<th class=n>rows<th>verdict"
                            "</tr></thead>\n");
        }
        any = true;
        n_more += put_groups(o, t->claim, t->sweep);
    }
    if (!any)
        return;
    att_buffer_text(o->html, "</table></div>");
    if (n_more > 0) {
        att_buffer_printf(o->html,
                          "<p class=dim>%zu groups more: attest check --json "
                          "prints all.</p>",
                          n_more);
    }
    att_buffer_text(o->html, "</details>\n");
}

/* ---- all ------------------------------------------------------------------------ */

static void put_missing(struct att_buffer *out,
                        const struct att_claim_tally *first,
                        const struct att_claim_tally *last)
{
    const char *gap = "<p class=dim>Not applicable to these rows: ";
    const char *end = "";

    for (const struct att_claim_tally *t = first; t < last; t++) {
        if (att_tally_applies(t))
            continue;
        att_buffer_text(out, gap);
        att_html_text(out, t->claim->id);
        gap = ", ";
        end = ".</p>\n";
    }
    att_buffer_text(out, end);
}

static void put_claims(struct att_buffer *out,
                       const struct att_claim_tally *first,
                       const struct att_claim_tally *last)
{
    bool any = false;

    for (const struct att_claim_tally *t = first; t < last; t++) {
        if (!att_tally_applies(t))
            continue;
        if (!any) {
            att_buffer_text(out, "<div class=scroll><table class=wide><thead>"
                                 "<tr><th>verdict<th>claim<th>standing"
                                 "<th>holds in<th>worst row, note</tr></thead>"
                                 "\n");
        }
        any = true;
        put_claim(out, t);
    }
    att_buffer_text(out, any ? "</table></div>\n" : "");
}

/* Tallies first .. last - 1 are those of one sweep. */
static void put_sweep(struct att_page_out *o,
                      const struct att_claim_tally *first,
                      const struct att_claim_tally *last)
{
    att_html_element(o->html, "h3", "",
                     first->sweep[0] != '\0' ? first->sweep
                                             : "The whole study");
    put_claims(o->html, first, last);
    put_results(o, first, last);
    put_missing(o->html, first, last);
}

void att_page_claims(struct att_page_out *o)
{
    const struct att_claim_tallies *all = o->page->tallies;
    size_t first = 0;

    att_buffer_text(o->html,
                    "<h2 id=claims>Claims</h2>\n<p class=dim>Violated is said "
                    "only of what is proved; any other statement that fails "
                    "departs. The bar shows rows or groups: green holds, grey "
                    "inconclusive, orange departs, red violated.</p>\n");
    if (all->n == 0)
        att_buffer_text(o->html, "<p>None of the sweeps has a claim.</p>\n");
    for (size_t i = 1; i <= all->n; i++) {
        if (i < all->n &&
            strcmp(all->tally[i].sweep, all->tally[first].sweep) == 0)
            continue;
        put_sweep(o, &all->tally[first], &all->tally[i]);
        first = i;
    }
}
