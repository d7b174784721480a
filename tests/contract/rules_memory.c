/* rules_memory.c - a task needs what its cost says, and says when it lacks it. */
#include <inttypes.h>

#include "contract.h"

/* A cost is a closed form, not an account of every block: the peak may be up
 * to 3/2 of it, and the arena's own rounding to 64 bytes up to 64 KiB. */
static double allowed_bytes(const struct att_construction *c,
                            const struct att_value *p)
{
    return 1.5 * c->cost(p).bytes + 65536.0;
}

static void check_peak(struct contract *k, const struct att_value *p)
{
    const struct trial t = trial_of(p);
    const struct outcome o = run_trial(k, &t);

    if (o.status == ATT_OK && (double)o.peak_bytes > allowed_bytes(k->c, p)) {
        complain(k, "peak %" PRIu64 " bytes at %s, cost says %.0f",
                 o.peak_bytes, point_text(k, p), k->c->cost(p).bytes);
    }
}

void rule_memory(struct contract *k)
{
    struct att_value p[CONTRACT_PARAMS];

    point_default(k->c, p);
    check_peak(k, p);
    point_smallest(k->c, p);
    check_peak(k, p);
}

/* Limits from 1 KiB up in steps of an eighth until the task fits: each one
 * must end in "out of memory", or fit.  The first one that fits must leave
 * what an unlimited run leaves. */
void rule_no_memory(struct contract *k)
{
    struct att_value p[CONTRACT_PARAMS];

    point_smallest(k->c, p);
    struct trial t = trial_of(p);
    const struct outcome free_run = run_trial(k, &t);

    if (free_run.status != ATT_OK)
        return; /* the rule of the smallest point says so */
    for (t.limit_bytes = 1024;; t.limit_bytes += t.limit_bytes / 8) {
        const struct outcome o = run_trial(k, &t);

        if (o.status == ATT_OK && o.refused_bytes == 0) {
            compare_outcomes(k, "a limit that fits", &o, &free_run);
            return;
        }
        if (o.status != ATT_E_NOMEM &&
            !(o.status == ATT_OK && o.refused_bytes > 0)) {
            complain(k, "%s says '%s' at a limit of %" PRIu64 " bytes", o.where,
                     att_status_text(o.status), t.limit_bytes);
            return;
        }
    }
}
