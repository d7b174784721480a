/* hardmax_lowrank.c - the ambient-space evaluator with attention by its
 * rank-one factors: O(L d) per block, one point after the collapse. */
#include <string.h>

#include "attest/linalg/vector.h"
#include "hardmax_layers_priv.h"

#define REAL         double
#define RND(x)       (x)
#define NAME(x)      wide_##x
#define DOT(n, x, y) att_dot(n, x, y)
#include "hardmax_lowrank.inc"

#define REAL         float
#define RND(x)       (x)
#define NAME(x)      narrow_##x
#define DOT(n, x, y) att_dotf(n, x, y)
#include "hardmax_lowrank.inc"

#define REAL         double
#define RND(x)       att_arithmetic_round(a, x)
#define NAME(x)      rounded_##x
#define DOT(n, x, y) att_hm_rounded_dot(a, n, x, y)
#include "hardmax_lowrank.inc"

att_status att_hm_eval_lowrank(const struct hm_net *net,
                               const struct hm_batch *batch,
                               struct hm_outputs out, struct att_arena *scratch,
                               struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const struct hm_tokens *t = batch->tokens;

    if (net->a.kind == ATT_ARITHMETIC_F64) {
        ATT_TRY(wide_run(net, batch, t->x, out, scratch, err));
    } else if (net->a.kind == ATT_ARITHMETIC_F32) {
        ATT_TRY(narrow_run(net, batch, t->xf, out, scratch, err));
    } else {
        ATT_TRY(rounded_run(net, batch, t->x, out, scratch, err));
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}
