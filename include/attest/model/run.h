/* run.h - the oracle: run a model as its definition reads.
 *
 * Dense plain C without a fast path, in any arithmetic.  Families test their
 * structured evaluators against it, and `check` compares an exported artifact
 * with it.
 *
 * A network artifact carries
 *   instance/tokens   [S, d]       the tokens of all sequences, one after the
 *                                  other
 *   instance/inputs   [S, d_in]    optional: the same tokens after the
 *                                  theorem's input map; run instead of tokens
 *   instance/offsets  [n + 1] i64  sequence s is rows offsets[s] ..
 *                                  offsets[s+1]-1; absent: one sequence
 *   expected/outputs  [rows, w]    what the model's last layer gives for
 *                                  sequence 0, 1, ..., row after row; NaN:
 *                                  nothing is claimed of this number */
#pragma once

#include "attest/linalg/matrix.h"
#include "attest/model/arithmetic.h"
#include "attest/model/layer.h"

/* Run one sequence.
 *   tokens  [L, d], L >= 1
 *   out     [L', w] in arena; L' = L except after a read-out of one token or
 *           a slots layer
 * Fails: ATT_E_ARG (a layer's tensors do not fit, its number is named),
 * ATT_E_NOMEM, ATT_E_NUMERIC (an attention score is not a number). */
ATT_CHECKED att_status att_model_run(const struct att_model *m,
                                     struct att_mat tokens,
                                     const struct att_arithmetic *arithmetic,
                                     struct att_arena *arena,
                                     struct att_mat *out,
                                     struct att_error *err);

/* Run every sequence of an artifact in its own arithmetic; *out [rows, w] in
 * arena, the outputs one after the other.  Fails: as att_model_run, ATT_E_ARG
 * (no tokens, offsets that do not fit). */
ATT_CHECKED att_status att_artifact_run(const struct att_artifact *a,
                                        struct att_arena *arena,
                                        struct att_mat *out,
                                        struct att_error *err);

enum { ATT_CHECK_NOTE = 160 };

struct att_check_report {
    uint64_t n_compared;  /* numbers compared, or facts verified */
    double max_abs_error; /* largest |recomputed - expected| */
    bool agrees;          /* every number within tolerance; false for none */
    char note[ATT_CHECK_NOTE]; /* the worst number, "" when all agree */
};

/* att_artifact_run against expected/outputs, within atol + rtol |expected|.
 * Has the signature of the `check` slot of a construction.
 * Fails: as att_artifact_run; ATT_E_ARG when nothing is expected or the
 * shapes differ.  A disagreement is no failure: report->agrees is false. */
ATT_CHECKED att_status att_artifact_check(const struct att_artifact *a,
                                          struct att_arena *scratch,
                                          struct att_check_report *report,
                                          struct att_error *err);
