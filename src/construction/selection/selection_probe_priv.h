/* selection_probe_priv.h - what a trained (or given) network is worth on fresh
 * samples of any length. */
#pragma once

#include "selection_population_priv.h"

/* A network in double precision.  out: V = alpha [I 0], Bx = 0, W = C [de, de],
 * so that tokens need not be drawn; else V [d, D], W [D, de]. */
struct sel_net {
    size_t d, de;
    bool out;
    double alpha;
    struct att_mat V, W;
};

struct sel_probe {
    const struct sel_law *law; /* task.L, task.q: of the test */
    const struct sel_net *net;
    size_t n;      /* samples */
    double factor; /* of the logits: 1, or another temperature */
    bool tokens;   /* also by drawn tokens where the net does without */
    double gamma;  /* scale of the logits, for the bound */
    bool rounded;  /* also with logits of few bits */
};

/* Errors are divided by d/q, the error of predicting 0. */
struct sel_scores {
    double loss;                     /* E |f - g|^2 / 2 */
    double rel_err, median, p99, se; /* se: of rel_err */
    double rel_hard;                 /* of the mean of the q largest logits */
    double rel_refit;                /* after the best common factor on f */
    double mass_in, mass_in_min, cv; /* cv: std/mean of s on y */
    double exact;                    /* share of samples with positive margin */
    double margin;                   /* least of min_y a - max_off a */
    double overlap;                  /* largest <e_i, et> off y */
    double bound; /* mean of delta^2 L/(L - q), delta from overlap */
    double loss_tokens, loss_tokens_se; /* by drawn tokens; se of the
                                           difference to loss */
    double noise_gain, noise_gain_se;   /* of the loss against noisy targets */
    int64_t n_redraw;
    struct sel_rounded {
        double rel_err;
        double bound; /* of that, by the largest change of a logit; NaN where
                         tokens are drawn or correlate */
    } bf16, int8;     /* rounded logits */
};

ATT_CHECKED att_status att_sel_probe(const struct sel_probe *probe,
                                     struct att_arena *scratch,
                                     struct sel_scores *out,
                                     struct att_error *err);

/* What one fresh sample is for the network, for an export. */
struct sel_sample {
    double *f;      /* [d] the output */
    double *inputs; /* [L + 1, D] z_i, and the asking token last */
};
ATT_CHECKED att_status att_sel_forward(const struct sel_law *law,
                                       const struct sel_net *net, uint32_t b,
                                       struct att_arena *scratch,
                                       const struct sel_sample *out,
                                       struct att_error *err);

/* Coordinates of encodings that a law uses: L of one-hot ones, else all. */
size_t att_sel_used(const struct sel_law *law);
/* Encodings that training ever sees: L of fixed ones, those of a pool, else
 * infinity. */
double att_sel_rows(const struct sel_law *law);

/* Scales, norms and directions of a network; NaN where it is zero. */
struct sel_gauges {
    double alpha, gamma, cosV, cosW, V2, Bx, Coff;
};
struct sel_gauges att_sel_gauges(const struct sel_net *net,
                                 const struct sel_law *law);

/* The network as layers, with the first fresh samples (selection_export.c). */
ATT_CHECKED att_status att_sel_export(const struct sel_law *law,
                                      const struct sel_net *net,
                                      struct att_artifact *out,
                                      struct att_error *err);
