/* hardmax_precursor.c - the clustering dynamics that came before: tokens move
 * towards the tokens they attend to,
 *
 *   z_i <- z_i + s (mean of z_j over C_i - z_i),   s = alpha / (1 + alpha),
 *   C_i = argmax_j <A z_i, z_j>,
 *
 * which is (z_i + alpha mean) / (1 + alpha).  A token that attends to itself
 * alone is a leader and never moves: all others stay in the convex hull, so no
 * later score of it can pass its own.  The distance to a fixed target shrinks
 * by 1 / (1 + alpha) per step and never becomes 0: steps are counted until
 * every update is below tol s.
 *
 * Notation: N sequences of L tokens run side by side; P the predicted steps.
 *
 * Source: Alcalde, Fantuzzi, Zuazua 2025, arXiv 2407.01602. */
#include <math.h>

#include "attest/base/text.h"
#include "attest/linalg/vector.h"
#include "attest/model/run.h"
#include "hardmax_precursor_priv.h"

static const char *const MATRICES[] = {"identity", "spd", NULL};

#define OWN(param) [(param)-ATT_SEQ_PARAMS]

static const struct att_param PARAMS[] = {
    OWN(PREC_ALPHA) = ATT_PARAM_REAL("alpha", ATT_SEEDS_NOTHING, 1.0, 1e-3, 1e3,
                                     "step towards the attended mean"),
    OWN(PREC_TOL) = ATT_PARAM_REAL(
        "tol", ATT_SEEDS_NOTHING, 1e-6, 1e-14, 0.5,
        "stop when no token moves by more than tol alpha / (1 + alpha)"),
    OWN(PREC_MATRIX) = ATT_PARAM_CHOICE(
        "A", ATT_SEEDS_BUILDER, "identity", MATRICES,
        "matrix of the scores; spd: G^T G / d + 1/10 with Gaussian G"),
    OWN(PREC_MOST_STEPS) =
        ATT_PARAM_INTEGER("max_steps", ATT_SEEDS_NOTHING, 20000, 1, 1000000,
                          "give up after so many steps"),
};

#define NUMBER(name_, kind_, role_, doc_)                                      \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = (kind_),          \
        .role = (role_), .exactness = ATT_EXACT                                \
    }

static const struct att_metric METRICS[] = {
    [PREC_M_STEPS] = {.name = "prec_steps",
                      .unit = "1",
                      .doc =
                          "steps until every update is below tol alpha / (1 + "
                          "alpha)",
                      .kind = ATT_INTEGER,
                      .role = ATT_ROLE_MEASURED,
                      .exactness = ATT_EXACT,
                      .predicted_by = "steps_predicted"},
    [PREC_M_STEPS_PREDICTED] = {.name = "steps_predicted",
                                .unit = "1",
                                .doc = "P = ceil(ln tol / ln(1 / (1 + alpha)))",
                                .kind = ATT_INTEGER,
                                .role = ATT_ROLE_PREDICTED,
                                .exactness = ATT_EXACT,
                                .formula =
                                    "ceil(ln(tol) / ln(1 / (1 + alpha)))"},
    [PREC_M_CONVERGED] = NUMBER("converged", ATT_INTEGER, ATT_ROLE_MEASURED,
                                "1 if that happened within max_steps"),
    [PREC_M_CLUSTERS] = NUMBER("clusters", ATT_INTEGER, ATT_ROLE_MEASURED,
                               "different limit points of all sequences"),
    [PREC_M_LEADERS] =
        NUMBER("leaders", ATT_INTEGER, ATT_ROLE_MEASURED,
               "tokens that attend to themselves alone at first"),
    [PREC_M_TOKENS] =
        NUMBER("S", ATT_INTEGER, ATT_ROLE_MEASURED, "tokens of all sequences"),
    [PREC_M_LEADER_MOVE] =
        NUMBER("leader_move", ATT_REAL, ATT_ROLE_MEASURED,
               "largest displacement of a leader, relative to the "
               "largest coordinate"),
    [PREC_M_HULL_EXCESS] =
        NUMBER("hull_excess", ATT_REAL, ATT_ROLE_MEASURED,
               "how far a token left the convex hull of the input, along 16 "
               "directions and relative to the largest token"),
};

enum { O_STEP, O_UPDATE, N_OBSERVATIONS };

static const struct att_metric OBSERVATIONS[] = {
    [O_STEP] = NUMBER("step", ATT_INTEGER, ATT_ROLE_AXIS, "steps taken"),
    [O_UPDATE] = NUMBER("update", ATT_REAL, ATT_ROLE_MEASURED,
                        "largest displacement of a token in that step"),
};

/* ---- build: run until the updates are small --------------------------------------- */

enum { TAG_MATRIX = 1, TAG_DIRECTION };
enum { N_DIRECTIONS = 16 };
static const double SHIFT = 0.1; /* of the spd matrix */

struct built {
    struct hm_dynamics y;
    bool *leader;                /* [S] attends to itself alone at first */
    double *direction;           /* [N_DIRECTIONS, d] */
    double *support;             /* [N, N_DIRECTIONS] of the input */
    double hull_excess, largest; /* largest: of |<w, z>|, the scale */
    int64_t steps;
    bool converged;
    double *update; /* [steps] */
};

static att_status make_matrix(struct att_workspace *ws, size_t d,
                              struct hm_dynamics *y, struct att_error *err)
{
    double *g = ATT_NEW(ws->arena, double, d *d);
    double *A = ATT_NEW0(ws->arena, double, d *d);

    if (g == NULL || A == NULL)
        return att_arena_fail(ws->arena, "the matrix A", err);
    for (size_t i = 0; i < d; i++) {
        const struct att_stream s =
            att_builder_stream(ws, TAG_MATRIX, 0, (uint32_t)i);

        att_stream_normals(&s, 0, d, g + i * d);
    }
    for (size_t r = 0; r < d; r++) { /* A = sum_r g_r g_r^T / d + SHIFT */
        for (size_t i = 0; i < d; i++)
            att_axpy(d, g[r * d + i] / (double)d, g + r * d, A + i * d);
    }
    for (size_t i = 0; i < d; i++)
        A[i * d + i] += SHIFT;
    y->A = A;
    return ATT_OK;
}

static void find_leaders(struct built *b)
{
    for (size_t j = 0; j < b->y.s->n; j++) {
        const size_t first = b->y.s->offset[j];

        for (size_t i = first; i < b->y.s->offset[j + 1]; i++)
            b->leader[i] = att_hm_dynamics_leads(&b->y, j, i - first);
    }
}

/* Support of sequence j along direction w: max_i <w, z_i>. */
static double support(struct hm_dynamics *y, size_t j, const double *w)
{
    const size_t n = att_sequence_length(y->s, j), d = y->s->d;

    att_project(att_mat_view(y->z + y->s->offset[j] * d, n, d), w, y->score);
    return att_max(n, y->score);
}

static void start_hull(struct att_workspace *ws, struct built *b)
{
    const size_t d = b->y.s->d;

    b->hull_excess = 0.0;
    b->largest = 0.0;
    for (uint32_t w = 0; w < N_DIRECTIONS; w++) {
        const struct att_stream s = att_builder_stream(ws, TAG_DIRECTION, w, 0);

        att_stream_normals(&s, 0, d, b->direction + w * d);
    }
    for (size_t j = 0; j < b->y.s->n; j++) {
        for (size_t w = 0; w < N_DIRECTIONS; w++) {
            const double x = support(&b->y, j, b->direction + w * d);

            b->support[j * N_DIRECTIONS + w] = x;
            b->largest = fmax(b->largest, fabs(x));
        }
    }
}

static void check_hull(struct built *b)
{
    const size_t d = b->y.s->d;

    for (size_t j = 0; j < b->y.s->n; j++) {
        for (size_t w = 0; w < N_DIRECTIONS; w++) {
            const double x = support(&b->y, j, b->direction + w * d);

            b->hull_excess =
                fmax(b->hull_excess, x - b->support[j * N_DIRECTIONS + w]);
        }
    }
}

static att_status built_init(struct att_workspace *ws, const struct att_case *c,
                             struct built *b, struct att_error *err)
{
    const struct att_sequences *s = c->instance;
    const size_t most = (size_t)c->p[PREC_MOST_STEPS].i;

    ATT_TRY(att_hm_dynamics_init(&b->y, s, ws->arena, err));
    b->y.rate = c->p[PREC_ALPHA].r / (1.0 + c->p[PREC_ALPHA].r);
    b->leader = ATT_NEW0(ws->arena, bool, s->total);
    b->direction = ATT_NEW(ws->arena, double, N_DIRECTIONS * s->d);
    b->support = ATT_NEW(ws->arena, double, N_DIRECTIONS * s->n);
    b->update = ATT_NEW(ws->arena, double, most);
    if (b->leader == NULL || b->direction == NULL || b->support == NULL ||
        b->update == NULL)
        return att_arena_fail(ws->arena, "the dynamics", err);
    if (att_text_same(c->p[PREC_MATRIX].s, "spd"))
        ATT_TRY(make_matrix(ws, s->d, &b->y, err));
    return ATT_OK;
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    struct built *b = ATT_NEW0(ws->arena, struct built, 1);

    if (b == NULL)
        return att_arena_fail(ws->arena, "the dynamics", err);
    ATT_TRY(built_init(ws, c, b, err));
    const double enough = c->p[PREC_TOL].r * b->y.rate;

    find_leaders(b);
    start_hull(ws, b);
    while (!b->converged && b->steps < c->p[PREC_MOST_STEPS].i) {
        b->update[b->steps] = att_hm_dynamics_step(&b->y);
        b->converged = b->update[b->steps] < enough;
        b->steps++;
        check_hull(b);
    }
    *built = b;
    return ATT_OK;
}

/* ---- evaluate ------------------------------------------------------------------------ */

static int64_t predicted_steps(const struct att_value *p)
{
    return (int64_t)ceil(log(p[PREC_TOL].r) /
                         log(1.0 / (1.0 + p[PREC_ALPHA].r)));
}

static double leader_move(const struct built *b)
{
    const size_t d = b->y.s->d;
    double largest = 0.0, scale = 0.0;

    for (size_t i = 0; i < b->y.s->total * d; i++) {
        const double x = b->y.s->token[i];

        scale = fmax(scale, fabs(x));
        if (b->leader[i / d])
            largest = fmax(largest, fabs(b->y.z[i] - x));
    }
    return scale > 0.0 ? largest / scale : 0.0;
}

static bool near_each_other(const double *x, const double *y, size_t d,
                            double tol)
{
    for (size_t k = 0; k < d; k++) {
        if (fabs(x[k] - y[k]) > tol)
            return false;
    }
    return true;
}

/* Limit points of sequence j: targets of its tokens that no earlier token
 * has, within `tol`. */
static int64_t count_clusters(const struct built *b, size_t j, double tol)
{
    const size_t d = b->y.s->d, n = att_sequence_length(b->y.s, j);
    const double *target = b->y.mean + b->y.s->offset[j] * d;
    int64_t count = 0;

    for (size_t i = 0; i < n; i++) {
        bool is_new = true;

        for (size_t k = 0; k < i && is_new; k++)
            is_new = !near_each_other(target + i * d, target + k * d, d, tol);
        count += is_new;
    }
    return count;
}

static void observe(const struct att_case *c, const struct built *b,
                    struct att_outcome *out)
{
    size_t n = 0;
    const double *step = att_case_observe(c, "step", &n);

    for (size_t i = 0; i < n; i++) {
        if (step[i] >= 1.0 && step[i] <= (double)b->steps) {
            const double line[N_OBSERVATIONS] = {
                step[i], b->update[(size_t)step[i] - 1]};

            att_out_observe(out, line);
        }
    }
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct built *b = c->built;
    const double tol = 100.0 * c->p[PREC_TOL].r; /* targets of followers that
                                                 are tol from their leader */
    int64_t clusters = 0, leaders = 0;

    (void)ws;
    (void)err;
    for (size_t j = 0; j < b->y.s->n; j++)
        clusters += count_clusters(b, j, tol);
    for (size_t i = 0; i < b->y.s->total; i++)
        leaders += b->leader[i];
    if (b->converged)
        att_out_int(out, PREC_M_STEPS, b->steps);
    att_out_int(out, PREC_M_STEPS_PREDICTED, predicted_steps(c->p));
    att_out_int(out, PREC_M_CONVERGED, b->converged);
    att_out_int(out, PREC_M_CLUSTERS, clusters);
    att_out_int(out, PREC_M_LEADERS, leaders);
    att_out_int(out, PREC_M_TOKENS, (int64_t)b->y.s->total);
    att_out_real(out, PREC_M_LEADER_MOVE, leader_move(b));
    att_out_real(out, PREC_M_HULL_EXCESS,
                 b->largest > 0.0 ? b->hull_excess / b->largest : 0.0);
    observe(c, b, out);
    return ATT_OK;
}

/* ---- export ------------------------------------------------------------------------------ */

static att_status export_step(const struct hm_dynamics *y,
                              struct att_model *model, struct att_error *err)
{
    const size_t d = y->s->d;
    struct att_layer *layer = att_model_add(model, ATT_LAYER_ATTENTION);

    if (layer == NULL)
        return att_arena_fail(model->arena, "a layer", err);
    const uint64_t shape[] = {d, d};
    double *O = att_bundle_add(&layer->tensors, "_O", ATT_F64, 2, shape);

    for (size_t k = 0; O != NULL && k < d; k++)
        O[k * d + k] = y->rate;
    if (y->A != NULL)
        att_bundle_f64(&layer->tensors, "Q", y->A, d, d);
    att_layer_text(layer, "weights", "hardmax");
    att_layer_number(layer, "residual", 1.0 - y->rate);
    return ATT_OK;
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct built *b = c->built;
    const struct att_sequences *s = b->y.s;

    for (int64_t i = 0; i < b->steps; i++)
        ATT_TRY(export_step(&b->y, &out->model, err));
    att_bundle_f64(&out->expected, "outputs", b->y.z, s->total, s->d);
    if (att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "the exported steps", err);
    out->atol = 8.0 * (double)b->steps * 0x1p-52 * fmax(b->largest, 1.0);
    out->rtol = 0.0;
    out->tolerance_reason =
        "8 steps ulp |z|: each step rounds a convex combination of tokens";
    return ATT_OK;
}

/* ---- the construction ---- */

static struct att_cost cost(const struct att_value *p)
{
    const double total = att_sequences_tokens(p);
    const double d = (double)p[ATT_SEQ_D].i, l = (double)p[ATT_SEQ_L].i;
    const double steps = 1.2 * (double)predicted_steps(p) + 4.0;

    return (struct att_cost){
        .flops = steps * total * (l * (0.2 * d + 1.3) + 8.0 * d + 90.0),
        .bytes = 8.0 * (6.0 * total * d + 3.0 * d * d + 40.0 * d +
                        16.0 * (double)p[ATT_SEQ_N].i + l +
                        (double)p[PREC_MOST_STEPS].i) +
                 65536.0,
    };
}

const struct att_construction att_construction_hardmax_precursor = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "hardmax_precursor",
    .family = "hardmax",
    .source = "Alcalde, Fantuzzi, Zuazua 2025, arXiv 2407.01602",
    .summary = "tokens cluster around leaders at rate 1 / (1 + alpha)",
    .version = 1,
    .problem = &att_problem_sequences,
    .bibtex = "@article{alcalde2025clustering,\n"
              "  author = {Albert Alcalde and Giovanni Fantuzzi and Enrique "
              "Zuazua},\n"
              "  title = {Clustering in pure-attention hardmax transformers},\n"
              "  journal = {SIAM Journal on Mathematics of Data Science},\n"
              "  volume = {7},\n"
              "  number = {3},\n"
              "  pages = {1367--1393},\n"
              "  year = {2025},\n"
              "  note = {arXiv:2407.01602}\n"
              "}\n",
    .params = PARAMS,
    .n_params = PREC_PARAMS - ATT_SEQ_PARAMS,
    .metrics = METRICS,
    .n_metrics = PREC_METRICS,
    .observations = OBSERVATIONS,
    .n_observations = N_OBSERVATIONS,
    .claims = att_hm_precursor_claims,
    .n_claims = PREC_CLAIMS,
    .admit = att_sequences_admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
