/* selection_law.c - how a point of the construction `selection` makes its
 * samples, and in which numbers. */
#include "attest/base/text.h"
#include "selection_train_priv.h"

const char *const att_sel_dtype_name[SEL_DTYPES + 1] = {
    [SEL_F64] = "f64",
    [SEL_F32] = "f32",
    [SEL_BF16] = "bf16",
    [SEL_BF16_MIXED] = "bf16_mixed",
};

enum sel_dtype att_sel_dtype(const char *name)
{
    return (enum sel_dtype)att_text_choice(name, att_sel_dtype_name);
}

const char *const att_sel_symmetrise_name[SEL_SYMMETRISES + 1] = {
    [SEL_SYMMETRISE_NONE] = "none",
    [SEL_SYMMETRISE_C] = "C",
    [SEL_SYMMETRISE_ALL] = "all",
};

enum sel_symmetrise att_sel_symmetrise(const char *name)
{
    return (enum sel_symmetrise)att_text_choice(name, att_sel_symmetrise_name);
}

struct sel_law att_sel_law(const struct att_workspace *ws,
                           const struct att_value *p,
                           const struct att_selection *task)
{
    struct sel_law law = {
        .task = *task,
        .pe = att_sel_pe(p[SP_PE].s),
        .query = att_sel_query(p[SP_QUERY].s),
        .de = (size_t)p[SP_DE].i,
        .seed = ws->builder_seed,
        .query_key = att_text_same(p[SP_ATTEND].s, "with_query"),
        .any_size = att_text_same(p[SP_SIZES].s, "any"),
        .test_any_size = !att_text_same(p[SP_SIZES].s, "q"),
        .test_gauss = att_text_same(p[SP_TEST_DATA].s, "gauss"),
        .pool = (size_t)p[SP_POOL].i,
        .least_norm = att_text_same(p[SP_SINGULAR].s, "least_norm"),
    };

    if (att_sel_model(p[SP_MODEL].s) == SEL_RECURSION)
        law.de = task->L; /* the recursion is about de = L */
    return law;
}

struct sel_law att_sel_test_law(const struct sel_law *law)
{
    struct sel_law test = *law;

    if (test.pe == SEL_SPE_STEP)
        test.pe = SEL_SPE;
    test.any_size = test.test_any_size;
    if (test.test_gauss)
        test.task.data = ATT_SELECTION_GAUSS;
    return test;
}
