/* rules_artifact.c - the exported network stands up to its verifier, and the
 * verifier can say no. */
#include <math.h>
#include <string.h>

#include "attest/base/text.h"
#include "contract.h"

/* One task, built and exported in one arena. */
struct made {
    struct att_arena *arena;
    struct att_workspace ws;
    struct att_artifact artifact;
    struct att_outcome outcome;
};

static att_status make_steps(struct contract *k, const struct att_value *p,
                             struct made *m, struct att_error *err)
{
    struct att_case task = {.p = p, .slice = {0, 1}};
    void *instance = NULL;
    void *built = NULL;

    ATT_TRY(k->c->problem->generate(&m->ws, p, &instance, err));
    task.instance = instance;
    ATT_TRY(k->c->build(&m->ws, &task, &built, err));
    task.built = built;
    ATT_TRY(att_outcome_init(&m->outcome, k->c, m->arena, err));
    ATT_TRY(k->c->evaluate(&m->ws, &task, &m->outcome, err));
    att_artifact_init(&m->artifact, m->arena);
    ATT_TRY(k->c->problem->export_instance(p, instance, &m->artifact.instance,
                                           err));
    return k->c->export_artifact(&m->ws, &task, &m->artifact, err);
}

/* False when there is nothing to check: with a complaint, or left out. */
static bool make(struct contract *k, const struct att_value *p, struct made *m)
{
    struct att_error err = {0};

    m->arena = att_arena_create(0);
    if (m->arena == NULL) {
        complain(k, "the test itself has no memory");
        return false;
    }
    att_workspace_init(&m->ws, m->arena, UINT64_C(0x0123456789abcdef),
                       UINT64_C(0xfedcba9876543210));
    const att_status status = make_steps(k, p, m, &err);

    if (status == ATT_OK)
        return true;
    if (!is_left_out(status))
        complain(k, "export fails at %s: %s", point_text(k, p), err.text);
    att_arena_destroy(m->arena);
    return false;
}

/* Parameters are counted from the exported tensors. */
static void check_count(struct contract *k, const struct made *m)
{
    const int i = att_construction_find_metric(k->c, "params_used");

    if (i < 0 || m->artifact.model.n == 0 ||
        m->outcome.metric[i].kind != ATT_INTEGER)
        return;
    const uint64_t n = att_model_parameters(&m->artifact.model);

    if ((uint64_t)m->outcome.metric[i].i != n) {
        complain(k, "params_used is %lld, the tensors hold %llu",
                 (long long)m->outcome.metric[i].i, (unsigned long long)n);
    }
}

static void check_artifact(struct contract *k, const struct att_value *p)
{
    struct att_check_report report = {0};
    struct att_error err = {0};
    struct made m;

    if (!make(k, p, &m))
        return;
    if (m.artifact.model.n == 0 && m.artifact.witness.n == 0)
        complain(k, "the artifact is neither network nor witness");
    if (k->c->check(&m.artifact, m.arena, &report, &err) != ATT_OK) {
        complain(k, "check fails at %s: %s", point_text(k, p), err.text);
    } else if (!report.agrees || report.n_compared == 0) {
        complain(k, "check disagrees at %s (%llu compared): %s",
                 point_text(k, p), (unsigned long long)report.n_compared,
                 report.note);
    }
    if ((m.artifact.atol > 0.0 || m.artifact.rtol > 0.0) &&
        is_empty(m.artifact.tolerance_reason))
        complain(k, "a tolerance is given without a reason");
    check_count(k, &m);
    att_arena_destroy(m.arena);
}

void rule_artifact(struct contract *k)
{
    struct att_value p[CONTRACT_PARAMS];

    point_default(k->c, p);
    check_artifact(k, p);
    point_smallest(k->c, p);
    check_artifact(k, p);
}

/* ---- tampering ---------------------------------------------------------------- */

/* Add 1 + |x| to every number of a tensor that is one. */
static void spoil(struct att_tensor *t)
{
    for (uint64_t i = 0; i < att_tensor_count(t); i++) {
        const double x = att_tensor_get(t, i);
        const double y = x + 1.0 + fabs(x);

        switch (t->dtype) {
        case ATT_F64:
            ((double *)t->data)[i] = y;
            break;
        case ATT_F32:
            ((float *)t->data)[i] = (float)y;
            break;
        case ATT_I64:
            ((int64_t *)t->data)[i] ^= 1;
            break;
        case ATT_U8:
            ((uint8_t *)t->data)[i] ^= 1;
            break;
        }
    }
}

/* Does check still agree when this tensor is spoiled?  Afterwards it is as it
 * was. */
static bool overlooks(struct contract *k, struct made *m, struct att_tensor *t)
{
    const struct att_arena_mark mark = att_arena_mark(m->arena);
    const size_t bytes =
        (size_t)att_tensor_count(t) * att_dtype_bytes(t->dtype);
    void *old = att_arena_alloc(m->arena, 1, bytes);
    struct att_check_report report = {0};

    if (old == NULL)
        return true;
    memcpy(old, t->data, bytes);
    spoil(t);
    const att_status status =
        k->c->check(&m->artifact, m->arena, &report, NULL);

    memcpy(t->data, old, bytes);
    att_arena_rewind(m->arena, mark);
    return status == ATT_OK && report.agrees;
}

static size_t noticed_in(struct contract *k, struct made *m,
                         struct att_bundle *b)
{
    size_t noticed = 0;

    for (size_t i = 0; i < b->n; i++)
        noticed += overlooks(k, m, &b->tensor[i]) ? 0 : 1;
    return noticed;
}

/* At least one tensor of what is expected (of the witness) must matter. */
void rule_tamper(struct contract *k)
{
    struct att_value p[CONTRACT_PARAMS];
    struct made m;

    point_smallest(k->c, p);
    if (!make(k, p, &m))
        return;
    if (noticed_in(k, &m, &m.artifact.expected) +
            noticed_in(k, &m, &m.artifact.witness) ==
        0)
        complain(k, "check agrees with numbers that were changed");
    att_arena_destroy(m.arena);
}
