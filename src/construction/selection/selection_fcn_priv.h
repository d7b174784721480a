/* selection_fcn_priv.h - fully connected nets for sparse token selection.
 *
 * Notation: n = L d coordinates of the tokens (paper: Td), m = width of the
 * first hidden layer, y the query set, g the target, f the output of the net.
 * A sample enters as one vector [vec x (n), 1_y (L)]; token i, coordinate a is
 * number i d + a.  rel_err = E|f - g|^2 / (d/q).
 *
 * Parameters of a net are one block: W_0, b_0, W_1, b_1, ...; map k takes
 * width[k] numbers to width[k + 1], W_k is [width[k + 1], width[k]] row-major.
 * Hidden layers are followed by max(0, .), the first one by nothing in a net
 * that is `linear_first`.
 *
 * Streams of the builder: tag INIT, step = map k, item = row of W_k, word =
 * column; the first rows of explicit nets use step 0 likewise.  Batches of a
 * training are samples 0 .. batch - 1 of steps 0, 1, ... of the instance. */
#pragma once

#include "selection_priv.h"

/* ---- theory (selection_fcn_theory.c) --------------------------------------- */

/* (1 - m/n)(L - q)/(L - 1), 0 for m >= n: no net whose first layer has m units
 * on the tokens has a smaller rel_err. */
double att_fcn_bound(const struct att_selection *s, double m);

/* Error of the explicit net with gates M: (L-q)/q 2[(1+M^2)Q(M) - M phi(M)],
 * and the standard deviation of |f - g|^2 / (d/q) of one sample. */
double att_fcn_explicit_error(const struct att_selection *s, double M);
double att_fcn_explicit_sd(const struct att_selection *s, double M);

struct fcn_certificate {
    double rel_err;   /* least rel_err of any net on this first layer */
    size_t rank;      /* of the first layer */
    double mean_left; /* squared norm of the d mean directions outside its row
                         space, at most n */
    double defect;    /* largest entry of |Q Q^T - 1| of the basis in use */
};

/* The exact Bayes error of what a x [a: any rows, n] and y tell of g, for
 * independent normal tokens.  a is kept.
 *
 * The row space gets an orthonormal basis Q row by row, each one projected
 * twice (then the basis is orthogonal to working precision: Giraud et al.
 * 2005); a row of which less than n 2^-50 of its norm is left lies in the span
 * of those before it.  O(n rank rows).
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_fcn_certify(const struct att_selection *s,
                                       struct att_mat a,
                                       struct fcn_certificate *out,
                                       struct att_arena *scratch,
                                       struct att_error *err);

/* The basis of that: q [min(rows, n), n] of a's row space; the rank. */
size_t att_fcn_basis(struct att_mat a, struct att_mat q, double *scratch);

/* ---- nets (selection_fcn_kernels.c) ---------------------------------------- */

enum { FCN_MAPS = 4 }; /* three hidden layers and the read-out */

struct fcn_shape {
    size_t n_maps;
    size_t width[FCN_MAPS + 1]; /* inputs, hidden layers, d */
    bool linear_first;
};

size_t att_fcn_weight_at(const struct fcn_shape *shape, size_t k);
size_t att_fcn_bias_at(const struct fcn_shape *shape, size_t k);
size_t att_fcn_count(const struct fcn_shape *shape); /* parameters */

struct fcn_kernels;

struct fcn_net {
    struct fcn_shape shape;
    const struct fcn_kernels *kernels; /* of its arithmetic */
    void *param;                       /* att_fcn_count numbers */
};

/* Samples on their way through a net and back. */
struct fcn_batch {
    const struct att_selection *law;
    size_t rows, capacity;
    void *h[FCN_MAPS + 1];     /* [rows, width[k]]: inputs, layers, outputs */
    void *delta[FCN_MAPS + 1]; /* d loss / d h[k], k >= 1; NULL: forward only */
    void *target;              /* [rows, d] */
    void *grad;                /* as the parameters; NULL: forward only */
    uint32_t *perm, *y;        /* scratch of L and q entries */
};

/* What moves the parameters; moments as many as there are. */
struct fcn_update {
    void *gradient, *first, *second;
    struct sel_schedule schedule;
    double eta;
};

/* One arithmetic. */
struct fcn_kernels {
    const char *name; /* "f64", "f32" */
    size_t bytes;     /* of a number */
    double u;         /* unit roundoff */
    /* Normal weights of variance 2 / fan-in, gain / fan-in in the read-out; no
     * biases (He et al. 2015). */
    void (*initialise)(const struct fcn_net *net, double gain,
                       const struct att_workspace *ws);
    /* Samples first .. first + rows - 1 of a step. */
    void (*fill)(struct fcn_batch *b, uint32_t step, uint32_t first,
                 bool noisy);
    void (*forward)(const struct fcn_net *net, struct fcn_batch *b);
    /* After forward: grad of (1/2B) sum |f - g|^2, and that loss. */
    double (*backward)(const struct fcn_net *net, struct fcn_batch *b);
    /* Step t = 0, 1, ... of the optimiser. */
    void (*step)(const struct fcn_net *net, const struct fcn_update *u,
                 int64_t t);
    double (*get)(const void *block, size_t i);
    void (*put)(void *block, size_t i, double x);
};

extern const struct fcn_kernels att_fcn_f64, att_fcn_f32;

/* Room for b->capacity samples of b->law in arena.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_fcn_batch_init(struct fcn_batch *b,
                                          const struct fcn_net *net,
                                          bool backward,
                                          struct att_arena *arena,
                                          struct att_error *err);

/* The columns of W_0 that see tokens, as doubles [width[1], n]; data NULL when
 * the arena has no memory. */
struct att_mat att_fcn_first_layer(const struct fcn_net *net, size_t n,
                                   struct att_arena *arena);

/* ---- explicit nets (selection_fcn_explicit.c) -------------------------------- */

/* One hidden layer of 2 n: relu(x - M(1 - y)) - relu(-x - M(1 - y)), read out
 * with 1/q. */
struct fcn_shape att_fcn_explicit_shape(const struct att_selection *s);
void att_fcn_explicit_put(const struct fcn_net *net,
                          const struct att_selection *s, double M);

/* The best net on m given rows: x' = Q x (and y), then gates on Q^T x'. */
struct fcn_shape att_fcn_rows_shape(const struct att_selection *s, size_t m);
/* Rows: the first min(m, d) are mean directions where `mean`, the others
 * normal.  Fails: ATT_E_NOMEM, ATT_E_INFEASIBLE (rows that depend on each
 * other). */
ATT_CHECKED att_status att_fcn_rows_put(const struct fcn_net *net,
                                        const struct att_selection *s,
                                        bool mean,
                                        const struct att_workspace *ws,
                                        struct att_error *err);

/* ---- measuring (selection_fcn_measure.c) ------------------------------------- */

struct fcn_measure {
    double rel_err, rel_err_se;
    double noise_gap, noise_gap_se; /* loss against noisy targets minus loss */
    uint64_t n_exceed; /* coordinates of unselected tokens beyond the gate */
};

/* Over law->samples fresh samples; gate: the M of an explicit net. */
void att_fcn_measure(const struct fcn_net *net, struct fcn_batch *b,
                     double gate, struct fcn_measure *out);

/* ---- training (selection_fcn_train.c) ------------------------------------------ */

enum fcn_column {
    FCN_O_STEP,
    FCN_O_ETA,
    FCN_O_REL_ERR,
    FCN_O_REL_ERR_BATCH,
    FCN_O_CERT,
    FCN_COLUMNS
};

struct fcn_training {
    const struct att_selection *law;
    struct sel_observed_steps observe; /* those that no step is stay empty
                                          lines */
    int64_t steps, warm_up;
    size_t batch;
    double gain; /* of the read-out's first weights */
    double eta;
    int64_t checkpoint_every; /* steps between two checkpoints */
};

/* What a training leaves. */
struct fcn_trained {
    const double *line;   /* [observe.n, FCN_COLUMNS] */
    double rel_err_batch; /* of the last training batch */
    int64_t resumed_at;   /* step of the checkpoint it went on from; 0: none */
};

/* Steps between checkpoints: a second of work or more. */
int64_t att_fcn_checkpoint_every(const struct fcn_shape *shape, size_t batch);

/* Train a net by Adam on fresh samples, eta growing over the warm-up and then
 * falling to 1 % along a cosine; net->param moves into the state of the
 * training.  Goes on from ws->saved where that is a checkpoint of this
 * training with the same observed steps.
 * Fails: ATT_E_NOMEM, ATT_E_NUMERIC (the loss is no number). */
ATT_CHECKED att_status att_fcn_train(struct att_workspace *ws,
                                     const struct fcn_training *plan,
                                     struct fcn_net *net,
                                     struct fcn_trained *out,
                                     struct att_error *err);

/* ---- the construction (selection_fcn.c, selection_fcn_columns.c, _claims.c) ---- */

enum {
    FCN_WIDTH = ATT_SEL_PARAMS,
    FCN_DEPTH,
    FCN_HIDDEN,
    FCN_NET,
    FCN_GATE,
    FCN_STEPS,
    FCN_BATCH,
    FCN_ETA,
    FCN_WARM_UP,
    FCN_DTYPE,
    FCN_GAIN,
    FCN_PARAMS
};

enum {
    FM_REL_ERR,
    FM_REL_ERR_SE,
    FM_REL_ERR_BATCH,
    FM_LOSS,
    FM_BOUND,
    FM_CERT,
    FM_RANK,
    FM_MEAN_LEFT,
    FM_DEFECT,
    FM_EXPLICIT,
    FM_EXPLICIT_SE,
    FM_N_EXCEED,
    FM_RATIO,
    FM_RATIO_LAW,
    FM_NOISE_GAP,
    FM_NOISE_GAP_SE,
    FM_NOISE_LAW,
    FM_PARAMS_USED,
    FM_FLOPS,
    FM_RESUMED,
    FCN_METRICS
};

enum fcn_kind { FCN_TRAINED, FCN_EXPLICIT, FCN_MEAN, FCN_RANDOM, FCN_KINDS };

extern const struct att_param att_fcn_params[FCN_PARAMS - ATT_SEL_PARAMS];
extern const struct att_metric att_fcn_metrics[FCN_METRICS];
extern const struct att_metric att_fcn_observations[FCN_COLUMNS];
enum fcn_kind att_fcn_kind(const struct att_value *p);

enum { FCN_CLAIMS = 5 };
extern const struct att_claim att_fcn_claims[FCN_CLAIMS];
