/* search.c - strides, bisection, confirmation.
 *
 * Inside, places 0 .. n-1 run so that acceptance is expected at the end: they
 * are the candidates, or, for the largest, the candidates backwards. */
#include "attest/task/search.h"

#include <string.h>

static uint64_t place_of(const struct att_search *s, uint64_t index)
{
    return s->largest ? s->n - 1 - index : index;
}

/* The probe that comes k-th in the order of places. */
static struct att_search_probe at(const struct att_search *s, size_t k)
{
    struct att_search_probe probe =
        s->probe[s->largest ? s->n_probes - 1 - k : k];

    probe.index = place_of(s, probe.index);
    return probe;
}

/* How many probes stand before the run of accepted ones at the end. */
static size_t before_run(const struct att_search *s)
{
    size_t k = s->n_probes;

    while (k > 0 && at(s, k - 1).accepted)
        k--;
    return k;
}

/* ---- adding ------------------------------------------------------------------ */

/* Position of the first probe whose index is not below. */
static size_t lower_bound(const struct att_search *s, uint64_t index)
{
    size_t low = 0, high = s->n_probes;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (s->probe[middle].index < index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool att_search_knows(const struct att_search *s, uint64_t index)
{
    const size_t k = lower_bound(s, index);

    return k < s->n_probes && s->probe[k].index == index;
}

/* Room for one more; the old list stays behind in the arena. */
static bool reserve(struct att_search *s)
{
    if (s->n_probes < s->capacity)
        return true;
    const size_t capacity = s->capacity == 0 ? 64 : 2 * s->capacity;
    struct att_search_probe *const probe =
        ATT_NEW(s->arena, struct att_search_probe, capacity);

    if (probe == NULL)
        return false;
    if (s->n_probes > 0)
        memcpy(probe, s->probe, s->n_probes * sizeof *probe);
    s->probe = probe;
    s->capacity = capacity;
    return true;
}

att_status att_search_add(struct att_search *s, uint64_t index, bool accepted,
                          struct att_error *err)
{
    const size_t k = lower_bound(s, index);

    if (att_search_knows(s, index))
        return ATT_OK;
    if (!reserve(s))
        return att_arena_fail(s->arena, "the probes of a search", err);
    memmove(s->probe + k + 1, s->probe + k,
            (s->n_probes - k) * sizeof *s->probe);
    s->probe[k] =
        (struct att_search_probe){.index = index, .accepted = accepted};
    s->n_probes++;
    return ATT_OK;
}

/* ---- what next ----------------------------------------------------------------- */

/* A wish in places, turned into candidates. */
static struct att_search_next want(const struct att_search *s, uint64_t place,
                                   uint64_t from, uint64_t to)
{
    const uint64_t a = place_of(s, from), b = place_of(s, to);

    return (struct att_search_next){.step = ATT_SEARCH_TRY,
                                    .index = place_of(s, place),
                                    .from = a < b ? a : b,
                                    .to = a < b ? b : a};
}

static struct att_search_next end(const struct att_search *s,
                                  enum att_search_step step, uint64_t place)
{
    const uint64_t index = place_of(s, place);

    return (struct att_search_next){step, index, index, index};
}

/* The next stride when `covered` candidates from the smallest on have been
 * passed: as many again, at least the first stride, up to the end. */
static uint64_t stride_over(const struct att_search *s, uint64_t covered)
{
    uint64_t stride = covered < s->stride ? s->stride : covered;

    if (stride > s->n - covered)
        stride = s->n - covered;
    return stride;
}

/* Nothing is accepted at the end of what was tried. */
static struct att_search_next go_up(const struct att_search *s)
{
    const uint64_t covered =
        s->n_probes == 0 ? 0 : at(s, s->n_probes - 1).index + 1;

    if (s->largest && s->n_probes == 0)
        return want(s, s->n - 1, s->n - 1, s->n - 1);
    if (covered == s->n)
        return end(s, ATT_SEARCH_NOTHING, s->n - 1);
    const uint64_t last = covered + stride_over(s, covered) - 1;

    return want(s, last, covered, last);
}

/* The smallest candidates are accepted and no refused one is known yet:
 * places are passed downwards. */
static struct att_search_next go_on(const struct att_search *s, uint64_t place)
{
    const uint64_t covered = s->n - place;
    const uint64_t to = place - stride_over(s, covered);

    return want(s, to, to, place - 1);
}

/* Between a refused and an accepted place, or below the first accepted. */
static struct att_search_next bisect(const struct att_search *s, uint64_t from,
                                     uint64_t to)
{
    return want(s, from + (to - from) / 2, from, to);
}

/* The step is known exactly: try its neighbours, then be content. */
static struct att_search_next confirm(const struct att_search *s, size_t run)
{
    const uint64_t place = at(s, run).index;
    const bool above =
        run + 1 < s->n_probes && at(s, run + 1).index == place + 1;
    const bool below =
        place < 2 || (run > 1 && at(s, run - 2).index == place - 2);

    if (place + 1 < s->n && !above)
        return want(s, place + 1, place + 1, place + 1);
    if (!below)
        return want(s, place - 2, place - 2, place - 2);
    return end(s, ATT_SEARCH_FOUND, place);
}

struct att_search_next att_search_next(const struct att_search *s)
{
    const size_t run = before_run(s);

    if (run == s->n_probes)
        return go_up(s);
    const uint64_t place = at(s, run).index;
    const uint64_t refused = run == 0 ? 0 : at(s, run - 1).index + 1;

    if (refused == place)
        return confirm(s, run);
    if (s->largest && run == 0)
        return go_on(s, place);
    return bisect(s, refused, place - 1);
}

/* ---- summary --------------------------------------------------------------------- */

struct att_search_summary att_search_summary(const struct att_search *s)
{
    struct att_search_summary sum = {0};
    const size_t run = before_run(s);

    if (run < s->n_probes) {
        sum.has_stable = true;
        sum.stable = place_of(s, at(s, run).index);
    }
    for (size_t k = 0; k < s->n_probes; k++) {
        const struct att_search_probe probe = at(s, k);

        if (probe.accepted && !sum.has_first) {
            sum.has_first = true;
            sum.first = place_of(s, probe.index);
        }
        if (k > 0 && at(s, k - 1).accepted && !probe.accepted)
            sum.n_violations++;
    }
    return sum;
}
