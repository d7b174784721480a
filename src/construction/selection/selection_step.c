/* selection_step.c - steps in double and single precision. */
#include "selection_step_priv.h"

#include <string.h>

#include "attest/base/text.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/vector.h"
#include "attest/model/arithmetic.h"

const char *const att_sel_model_name[SEL_MODELS + 1] = {
    [SEL_FULL] = "full",
    [SEL_POSONLY] = "posonly",
    [SEL_RB] = "rb",
    [SEL_GRAM] = "gram",
    [SEL_POPULATION] = "population",
    [SEL_RECURSION] = "recursion",
};

enum sel_model att_sel_model(const char *name)
{
    return (enum sel_model)att_text_choice(name, att_sel_model_name);
}

static const struct att_arithmetic BF16 = {ATT_ARITHMETIC_ROUNDED, 8, -126,
                                           127};

/* Rows of the Gram trick end with a whole vector of any type: what is done to
 * every sample has no rest. */
static size_t whole_vectors(size_t n)
{
    return (n + 31) / 32 * 32;
}

#define REAL        double
#define ROUND(n, x) att_arithmetic_round_all(&BF16, n, x)
#define NAME(x)     x
#define MATRIX      struct att_mat
#define TOKENS_FN   att_selection_tokens
#define ROW         att_mat_row
#define NEW_MATRIX  att_mat_new
#include "selection_step.inc"
#undef REAL
#undef NAME
#undef MATRIX
#undef TOKENS_FN
#undef ROW
#undef NEW_MATRIX
#undef ROUND
#define REAL        float
#define ROUND(n, x) att_arithmetic_round_bf16(n, x)
#define NAME(x)     x##f
#define MATRIX      struct att_matf
#define TOKENS_FN   att_selection_tokensf
#define ROW         att_matf_row
#define NEW_MATRIX  att_matf_new
#include "selection_step.inc"
