/* selection_cost.c - what a training takes. */
#include "attest/base/text.h"
#include "selection_train_priv.h"

/* Units of time, as flops at a core's usual rate: products count once, signs
 * and elementary functions by their measured share (docs/theory/selection.md,
 * "Cost"). */
double att_sel_step_flops(const struct att_value *p)
{
    const enum sel_model m = att_sel_model(p[SP_MODEL].s);
    const double B = (double)p[SP_BATCH].i, L = (double)p[ATT_SEL_L].i;
    const double d = (double)p[ATT_SEL_D].i, de = (double)p[SP_DE].i;
    const double q = (double)p[ATT_SEL_Q].i;
    const double single = att_sel_dtype(p[SP_DTYPE].s) != SEL_F64 ? 0.5 : 1.0;
    const double prediction = SEL_PREDICTION_DRAWS * (L * (de / 4.0 + 30.0));
    const double sample = 400.0 + q * q * (20.0 + de / 16.0);

    switch (m) {
    case SEL_FULL:
    case SEL_POSONLY:
        return prediction + B * sample +
               single * (4.0 * B * (d + de) * (de + 2.0 * d) +
                         B * L * (de + 60.0 + 80.0 * d));
    case SEL_RB:
        return prediction + B * sample +
               single * (4.0 * B * de * de + B * L * (de / 2.0 + 60.0));
    case SEL_GRAM:
        return prediction + B * sample +
               single * (4.0 * L * de * (L + de) + B * L * (4.0 * q + 40.0));
    case SEL_POPULATION:
        return prediction + B * (sample + L * (de / 4.0 + 60.0));
    case SEL_RECURSION:
    case SEL_MODELS:
        break;
    }
    return 100.0;
}

double att_sel_train_bytes(const struct att_value *p)
{
    const enum sel_model m = att_sel_model(p[SP_MODEL].s);
    const enum sel_pe pe = att_sel_pe(p[SP_PE].s);
    const double B = (double)p[SP_BATCH].i, L = (double)p[ATT_SEL_L].i;
    const double d = (double)p[ATT_SEL_D].i, q = (double)p[ATT_SEL_Q].i;
    const double de = m == SEL_RECURSION ? L : (double)p[SP_DE].i;
    const double D = d + de;
    const double width =
        att_sel_dtype(p[SP_DTYPE].s) != SEL_F64 && att_sel_has_matrices(m)
            ? 4.0
            : 8.0;
    double bytes = 65536.0 + 8.0 * D * D + 24.0 * L + 8.0 * de;

    if (m != SEL_RECURSION)
        bytes += att_sel_batch_bytes(pe, B, L, de, q);
    if (pe == SEL_SPE || pe == SEL_SPE_STEP)
        bytes += att_sel_batch_bytes(SEL_SPE, SEL_PREDICTION_DRAWS, L, de, q);
    if (!att_sel_has_matrices(m))
        return bytes;
    bytes += width * 5.0 * (d * D + D * de) + width * (4.0 * L + L * d);
    if (m == SEL_GRAM)
        return bytes + width * 2.0 * L * (L + 32.0 + de);
    return bytes + width * B * (de + 3.0 * D + d);
}
