/* token_labels_labels.c - the labels of an instance, and the faults of the kinds
 * that a builder must refuse. */
#include "token_labels_priv.h"

#include <math.h>
#include <string.h>

#include "attest/base/text.h"

/* ---- labels ------------------------------------------------------------------ */

/* The place of the first token of sequence j that equals token i of it. */
static size_t first_equal(const struct tl_maker *k, size_t j, size_t i)
{
    const double *x = k->token + (j * k->l + i) * k->d;
    size_t at = 0;

    while (at < i &&
           memcmp(k->token + (j * k->l + at) * k->d, x, k->d * sizeof *x) != 0)
        at++;
    return at;
}

void att_tl_label(const struct tl_maker *k, const struct att_token_labels *of,
                  int64_t *label)
{
    const uint32_t n_classes = (uint32_t)of->n_classes;
    const size_t d_out = of->d_out;
    const bool repeats = att_text_same(k->kind, "multiset");

    for (size_t j = 0; j < k->n; j++) {
        for (size_t i = 0; i < k->l; i++) {
            const size_t at = repeats ? first_equal(k, j, i) : i;
            const struct att_stream s =
                att_instance_stream(k->ws, TL_LABEL, (uint32_t)at, (uint32_t)j);

            for (size_t c = 0; c < d_out; c++) {
                label[(j * k->l + i) * d_out + c] =
                    att_stream_below(&s, c, n_classes);
            }
        }
    }
}

/* ---- planted faults ------------------------------------------------------------ */

static void copy_token(const struct tl_maker *k, size_t from, size_t to)
{
    memcpy(k->token + to * k->d, k->token + from * k->d,
           k->d * sizeof *k->token);
}

static void name_fault(struct att_token_labels *out, const char *kind, size_t a,
                       size_t b)
{
    out->planted = kind;
    out->planted_a = a;
    out->planted_b = b;
}

/* The last sequence is the first one backwards, token 0 relabelled. */
static void plant_labels(const struct tl_maker *k, struct att_token_labels *out,
                         int64_t *label)
{
    const size_t end = k->n * k->l - 1, d_out = out->d_out;

    for (size_t i = 0; i < k->l; i++) {
        copy_token(k, i, end - i);
        memcpy(label + (end - i) * d_out, label + i * d_out,
               d_out * sizeof *label);
    }
    label[end * d_out] = (label[0] + 1) % out->n_classes;
    name_fault(out, "inconsistent", 0, end);
}

void att_tl_plant(const struct tl_maker *k, struct att_token_labels *out,
                  int64_t *label)
{
    const size_t end = k->n * k->l - 1;

    if (att_text_same(k->kind, "bad_duplicate")) {
        copy_token(k, end + 1 - k->l, end);
        name_fault(out, "duplicate", end + 1 - k->l, end);
    } else if (att_text_same(k->kind, "bad_nonfinite")) {
        k->token[(end + 1) * k->d - 1] = (double)NAN;
        name_fault(out, "non_finite", end, k->d - 1);
    } else if (att_text_same(k->kind, "bad_labels")) {
        plant_labels(k, out, label);
    }
}
