/* page.h - a run as one HTML page that needs nothing else: claims first, then
 * sweep by sweep figures and laws, what failed and why, the cost model beside
 * the clock, and where the numbers come from.
 *
 * Figures are SVG inside the page; without gnuplot their places say so. */
#pragma once

#include "attest/base/buffer.h"
#include "attest/judge/tally.h"
#include "attest/store/dataset.h"

struct att_page {
    struct att_dataset *dataset; /* all sweeps loaded, with observations */
    struct att_dataset *facts;   /* whose /provenance is shown; may be equal */
    const struct att_claim_results *results;
    const struct att_claim_tallies *tallies;
    const char *command; /* that makes the page again */
};

/* Append the page to out.  figures, when not NULL, becomes the number of
 * pictures in it.
 * Fails: ATT_E_NOMEM, ATT_E_IO (gnuplot broke down, with its words). */
ATT_CHECKED att_status att_page_write(const struct att_page *page,
                                      struct att_buffer *out, size_t *figures,
                                      struct att_error *err);
