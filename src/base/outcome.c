#include "attest/base/outcome.h"

static const char *const TEXT[ATT_OUTCOMES] = {
    [ATT_DONE] = "done",
    [ATT_FAILED] = "failed",
    [ATT_TIMEOUT] = "timeout",
    [ATT_OOM] = "oom",
    [ATT_CRASHED] = "crashed",
    [ATT_SKIPPED] = "skipped",
    [ATT_INFEASIBLE] = "infeasible",
    [ATT_NOT_RUN] = "not_run",
};

const char *att_outcome_text(enum att_outcome_status s)
{
    return (unsigned)s < ATT_OUTCOMES ? TEXT[s] : "unknown";
}

bool att_outcome_stopped(enum att_outcome_status s)
{
    return s == ATT_TIMEOUT || s == ATT_OOM || s == ATT_SKIPPED;
}
