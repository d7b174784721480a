/* recheck.h - compute a few rows again and compare them bit for bit. */
#pragma once

#include "kept.h"

/* Sample the done rows of one origin (kept.h says how), run them on the lanes,
 * compare metrics, verdicts and observations; *n rows agree.
 * Fails: ATT_E_MISMATCH with key, column and both values, or when no row of
 * this kernel can be compared; ATT_E_IO, ATT_E_NOMEM. */
ATT_CHECKED att_status cli_recheck(const struct cli_keeping *k,
                                   const struct att_index *index,
                                   uint32_t origin, uint64_t *n,
                                   struct att_error *err);
