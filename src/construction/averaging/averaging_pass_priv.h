/* averaging_pass_priv.h - all query sets of an instance at every d of a grid. */
#pragma once

#include "attest/model/arithmetic.h"
#include "averaging_columns_priv.h"

/* The construction's own parameters. */
enum {
    AP_D = ATT_AVG_PARAMS,
    AP_KEYS,
    AP_DUAL,
    AP_SETS,
    AP_EPS,
    AP_ALPHA_SCALE,
    AP_FRAC,
    AP_DTYPE,
    AP_ATTENTION,
    AP_TIE,
    AP_NESTED,
    AP_P_BITS,
    AP_DITHER,
    AP_PARAMS
};

enum avg_sets { AVG_GIVEN, AVG_ADVERSARIAL, AVG_CLIMBED };
enum { AVG_SWAPS = 60 }; /* of a climb, as in Table 3b of the specification */

/* How the coordinates of sqrt(d) w are stored. */
struct avg_rounding {
    bool on;
    int frac_bits;  /* >= 0: fixed point; -1: in the arithmetic's format */
    int whole_bits; /* >= 0: fixed point saturates at 2^whole_bits; -1: never */
    bool dither;    /* a uniform number is added before fixed point rounds */
    struct att_arithmetic arithmetic;
};

/* Fractional bits that a point asks for: frac_bits, or what p_bits leaves
 * beside a sign and ceil(lg 2q) whole bits; -1: as dtype. */
int64_t att_avg_frac_bits(const struct att_value *p);
/* Are queries stored in a format at all, or kept in double? */
bool att_avg_is_rounded(const struct att_value *p);

struct avg_task {
    const struct att_averaging *instance;
    enum avg_kind kind;
    enum avg_dual dual;
    enum avg_sets sets;
    struct avg_unit unit;
    struct avg_rounding rounding;
    double eps;
    struct att_nested grid;
};

/* The worst of all sets seen at one grid point; good: instances within eps. */
struct avg_worst {
    double off_max, off_unrounded, on_dev, err, value_err;
    double beta_l1, coordinate, norm1; /* norm1: |w|_1 of rounded queries */
    int32_t n_iterations, n_active;
    uint64_t n_faces, n_halves, n_sets;
    uint64_t n_good;
    bool unsolved;     /* a set had no dual vector */
    double sample_err; /* of the sample under way */
};

struct avg_times {
    double gram, dual, logit, exp, value;
};

struct avg_pass {
    const struct avg_task *task;
    struct avg_worst *worst; /* [grid.n] */
    double *err;             /* [samples * n_sets] at the last grid point */
    double gram_min;         /* of the sets of sample 0 there; NaN: unknown */
    struct avg_times t;
};

/* Run every sample; *first are the keys of sample 0, others are drawn.
 * Fails: ATT_E_NOMEM, ATT_E_UNSUPPORTED. */
ATT_CHECKED att_status att_avg_pass(struct att_workspace *ws,
                                    const struct avg_task *task,
                                    struct avg_keys *first,
                                    struct avg_pass *out,
                                    struct att_error *err);

/* One set of sample 0, for exports and tests, by plain products. */
struct avg_one {
    size_t set, g; /* at grid point g */
    double *s;     /* [n] out: scores of the stored query */
    double *w;     /* [d_g] out: the query as stored */
    bool solved;   /* out; false leaves s and w alone */
};
ATT_CHECKED att_status att_avg_one(struct att_workspace *ws,
                                   const struct avg_task *task,
                                   struct avg_keys *keys, struct avg_one *one,
                                   struct att_error *err);

/* Scratch of a pass in bytes, for cost formulas. */
double att_avg_pass_bytes(const struct att_value *p);

extern const struct att_claim att_avg_claims[];
enum {
    AC_ERROR,
    AC_WIDTH,
    AC_WIDTH_LAW,
    AC_PRECISION,
    AC_M_PRED,
    AC_M_LAW,
    AC_ROUTING,
    AC_PHASE,
    AC_ADVERSARIAL,
    AC_FACE,
    AC_SIZE,
    AVG_CLAIMS
};
