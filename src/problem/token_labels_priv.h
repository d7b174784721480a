/* token_labels_priv.h - an instance of `token_labels` in the making. */
#pragma once

#include "attest/problem/token_labels.h"

enum tl_tag {
    TL_TOKEN,
    TL_NORM,
    TL_OWN,
    TL_OWN_NORM,
    TL_SET,
    TL_LABEL,
    TL_SHUFFLE
};

struct tl_maker {
    struct att_workspace *ws;
    const char *kind;
    size_t n, d, l;
    double eps;
    size_t m;          /* vocabulary */
    double *vocab;     /* [m, d], kinds with a vocabulary */
    double *token;     /* [n * l, d] */
    uint32_t *set;     /* [n, l] tokens of a vocabulary */
    uint32_t *scratch; /* [max(m, l)] and [l] */
};

/* Labels of all tokens, label [n * l, d_out]: equal tokens of a multiset get
 * equal ones. */
void att_tl_label(const struct tl_maker *k, const struct att_token_labels *of,
                  int64_t *label);

/* The fault of the kinds bad_*: in k->token or label, and its places in out. */
void att_tl_plant(const struct tl_maker *k, struct att_token_labels *out,
                  int64_t *label);
