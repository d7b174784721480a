/* bins.c - tasks of like cost as runs of numbers, longest bins first.
 *
 * Sorting bins instead of tasks makes two things cheap: ten million tasks of
 * one cost are one run, and new predictions only put some hundred bins in
 * order again. */
#include "bins_priv.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/hash.h"

/* Beyond this many runs (200 MB) tasks are binned by class alone, in the
 * order of their numbers: with so many tasks longest first gains nothing. */
static const uint64_t RUNS_MAX = 25000000;
static const int32_t COARSE = -1;

int32_t att_bytes_level(double bytes)
{
    if (bytes < 1)
        return 0;
    const double level = 1 + ceil(4 * log2(bytes));

    return (int32_t)fmin(level, BYTES_LEVELS - 1);
}

double att_level_bytes(int32_t level)
{
    return level == 0 ? 0 : exp2((level - 1) / 4.0);
}

static int32_t flops_level(double flops)
{
    return flops < 1 ? 0 : (int32_t)(1 + floor(8 * log2(flops)));
}

static struct bin_key key_of(const struct bins *bins, uint64_t number,
                             const struct att_work *work)
{
    const bool coarse = bins->n_runs > RUNS_MAX;

    return (struct bin_key){
        .class_id = work->class_id,
        .n_slices = work->n_slices,
        .base = (uint32_t)(number >> 32),
        .flags = (work->first ? (uint32_t)BIN_FIRST : 0) |
                 (work->always ? (uint32_t)BIN_ALWAYS : 0),
        .flops_level = coarse ? COARSE : flops_level(work->flops),
        .bytes_level = coarse ? COARSE : att_bytes_level(work->bytes),
    };
}

static bool key_equal(const struct bin_key *a, const struct bin_key *b)
{
    return a->class_id == b->class_id && a->n_slices == b->n_slices &&
           a->base == b->base && a->flags == b->flags &&
           a->flops_level == b->flops_level && a->bytes_level == b->bytes_level;
}

static size_t key_slot(const struct bins *bins, const struct bin_key *key)
{
    const uint32_t words[6] = {
        key->class_id,
        key->n_slices,
        key->base,
        key->flags,
        (uint32_t)key->flops_level,
        (uint32_t)key->bytes_level,
    };

    return (size_t)att_hash64(words, sizeof words) & (bins->index_room - 1);
}

/* Where the key stands in the index, or the free place where it would. */
static size_t index_find(const struct bins *bins, const struct bin_key *key)
{
    size_t i = key_slot(bins, key);

    while (bins->index[i] != 0 &&
           !key_equal(&bins->bin[bins->index[i] - 1].key, key))
        i = (i + 1) & (bins->index_room - 1);
    return i;
}

att_status att_bins_init(struct bins *bins,
                         const struct att_schedule_options *options,
                         struct att_error *err)
{
    *bins = (struct bins){
        .n_classes = options->n_classes,
        .overhead_s = options->overhead_s > 0 ? options->overhead_s : 1e-5,
        .last = UINT32_MAX,
        .index_room = 64,
    };
    bins->index = calloc(bins->index_room, sizeof *bins->index);
    bins->class_cost = calloc(options->n_classes, sizeof *bins->class_cost);
    if (bins->index == NULL || bins->class_cost == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for the schedule");
    for (uint32_t c = 0; c < options->n_classes; c++) {
        bins->class_cost[c].guess =
            options->ns_per_flop == NULL ? 1 : options->ns_per_flop[c];
        bins->class_cost[c].learn_at = 1;
    }
    return ATT_OK;
}

void att_bins_fini(struct bins *bins)
{
    for (size_t i = 0; i < bins->n_bins; i++)
        free(bins->bin[i].run);
    free(bins->bin);
    free(bins->index);
    free(bins->order);
    free(bins->class_cost);
    *bins = (struct bins){0};
}

/* Keep the index at most half full. */
static bool index_reserve(struct bins *bins)
{
    if (2 * (bins->n_bins + 1) <= bins->index_room)
        return true;
    const size_t old_room = bins->index_room;
    uint32_t *old = bins->index;
    uint32_t *wide = calloc(2 * old_room, sizeof *wide);

    if (wide == NULL)
        return false;
    bins->index = wide;
    bins->index_room = 2 * old_room;
    for (size_t i = 0; i < old_room; i++) {
        if (old[i] != 0)
            wide[index_find(bins, &bins->bin[old[i] - 1].key)] = old[i];
    }
    free(old);
    return true;
}

/* Room for one more bin, and for all of them in the order. */
static bool bins_reserve(struct bins *bins)
{
    if (bins->n_bins < bins->room)
        return true;
    const size_t room = bins->room == 0 ? 16 : 2 * bins->room;
    struct slot *order = realloc(bins->order, room * sizeof *order);

    if (order != NULL)
        bins->order = order;
    struct bin *wide = realloc(bins->bin, room * sizeof *wide);

    if (wide != NULL)
        bins->bin = wide;
    if (order == NULL || wide == NULL)
        return false;
    bins->room = room;
    return true;
}

static att_status bins_make(struct bins *bins, const struct bin_key *key,
                            struct att_error *err)
{
    if (bins->n_bins == UINT32_MAX - 1)
        return att_fail(err, ATT_E_OVERFLOW, "too many kinds of tasks");
    if (!bins_reserve(bins) || !index_reserve(bins)) {
        return att_fail(err, ATT_E_NOMEM, "no memory for %zu kinds of tasks",
                        bins->n_bins + 1);
    }
    bins->bin[bins->n_bins] = (struct bin){.key = *key};
    bins->index[index_find(bins, key)] = (uint32_t)++bins->n_bins;
    return ATT_OK;
}

att_status att_bins_place(struct bins *bins, uint64_t number,
                          const struct att_work *work, uint32_t *bin,
                          struct att_error *err)
{
    const struct bin_key key = key_of(bins, number, work);

    if (bins->last < bins->n_bins &&
        key_equal(&bins->bin[bins->last].key, &key)) {
        *bin = bins->last;
        return ATT_OK;
    }
    if (bins->index[index_find(bins, &key)] == 0)
        ATT_TRY(bins_make(bins, &key, err));
    *bin = bins->last = bins->index[index_find(bins, &key)] - 1;
    return ATT_OK;
}

static double ns_per_flop(const struct class_cost *c)
{
    return c->flops > 0 ? 1e9 * c->wall_s / c->flops : c->guess;
}

struct att_schedule_rate att_class_rate(const struct class_cost *c)
{
    return (struct att_schedule_rate){ns_per_flop(c), c->n};
}

/* What the class says of a unit with so many flops. */
static double class_seconds(const struct bins *bins, uint32_t class_id,
                            double flops)
{
    return fmax(bins->overhead_s,
                1e-9 * flops * ns_per_flop(&bins->class_cost[class_id]));
}

double att_bin_flops(const struct bin *b)
{
    return b->n_total == 0 ? 0
                           : b->flops / ((double)b->n_total * b->key.n_slices);
}

/* The mean of what was measured and, as one more measurement, the class. */
static double bin_seconds(const struct bins *bins, const struct bin *b)
{
    const double prior = class_seconds(bins, b->key.class_id, att_bin_flops(b));

    return fmax(bins->overhead_s,
                (prior + b->wall_s) / (1 + (double)b->n_measured));
}

double att_bins_predict(const struct bins *bins, const struct att_work *work)
{
    const struct bin_key key = key_of(bins, 0, work);
    const uint32_t found = bins->index[index_find(bins, &key)];

    if (found != 0)
        return bin_seconds(bins, &bins->bin[found - 1]);
    return class_seconds(bins, work->class_id, work->flops / work->n_slices);
}

uint64_t att_bin_units(const struct bin *bin)
{
    return bin->n_waiting * bin->key.n_slices - bin->next_slice;
}

void att_bins_count(struct bins *bins, uint32_t bin, uint64_t count,
                    const struct att_work *work)
{
    struct bin *b = &bins->bin[bin];

    b->n_total += count;
    b->flops += (double)count * work->flops;
    b->bytes = fmax(b->bytes, work->bytes);
    if (b->predicted_s <= 0)
        b->predicted_s = bin_seconds(bins, b);
}

static bool run_reserve(struct bin *b)
{
    if (b->n_runs < b->room)
        return true;
    const size_t room = b->room == 0 ? 2 : b->room + b->room / 2 + 1;
    struct run *wide = realloc(b->run, room * sizeof *wide);

    if (wide == NULL)
        return false;
    b->run = wide;
    b->room = room;
    return true;
}

static bool run_extends(const struct bin *b, uint32_t first, uint32_t count)
{
    if (b->n_runs == b->head)
        return false;
    const struct run *last = &b->run[b->n_runs - 1];

    return (uint64_t)last->first + last->count == first &&
           count <= UINT32_MAX - last->count;
}

att_status att_bins_append(struct bins *bins, uint32_t bin, uint32_t first,
                           uint32_t count, struct att_error *err)
{
    struct bin *b = &bins->bin[bin];

    if (run_extends(b, first, count)) {
        b->run[b->n_runs - 1].count += count;
    } else {
        if (!run_reserve(b)) {
            return att_fail(err, ATT_E_NOMEM, "no memory for %zu runs of tasks",
                            b->n_runs + 1);
        }
        b->run[b->n_runs++] = (struct run){first, count};
        bins->n_runs++;
    }
    b->n_waiting += count;
    bins->n_waiting += (uint64_t)count * b->key.n_slices;
    bins->waiting_s += (double)count * b->key.n_slices * b->predicted_s;
    bins->stale = true;
    return ATT_OK;
}

struct att_unit att_bin_peek(const struct bin *b)
{
    assert(b->n_waiting > 0);
    return (struct att_unit){
        .task = (uint64_t)b->key.base << 32 | b->run[b->head].first,
        .slice = b->next_slice,
        .n_slices = b->key.n_slices,
    };
}

static void bin_forget_runs(struct bin *b)
{
    free(b->run);
    b->run = NULL;
    b->n_runs = b->room = b->head = 0;
}

/* The first task of the bin has no slice left. */
static void bin_advance(struct bin *b)
{
    struct run *r = &b->run[b->head];

    b->next_slice = 0;
    b->n_waiting--;
    r->first++;
    if (--r->count == 0)
        b->head++;
    if (b->head == b->n_runs)
        bin_forget_runs(b);
}

static void bins_unwait(struct bins *bins, const struct bin *b, uint64_t units)
{
    bins->n_waiting -= units;
    bins->waiting_s -= (double)units * b->predicted_s;
    if (bins->n_waiting == 0)
        bins->waiting_s = 0;
}

void att_bins_pop(struct bins *bins, uint32_t bin)
{
    struct bin *b = &bins->bin[bin];

    bins_unwait(bins, b, 1);
    if (++b->next_slice == b->key.n_slices)
        bin_advance(b);
}

uint32_t att_bins_cut(struct bins *bins, uint32_t bin, uint64_t task)
{
    struct bin *b = &bins->bin[bin];

    if (b->next_slice == 0 || att_bin_peek(b).task != task)
        return 0;
    const uint32_t left = b->key.n_slices - b->next_slice;

    bins_unwait(bins, b, left);
    bin_advance(b);
    return left;
}

void att_bins_measure(struct bins *bins, uint32_t bin, double flops,
                      double wall_s, bool rated)
{
    struct bin *b = &bins->bin[bin];
    struct class_cost *c = &bins->class_cost[b->key.class_id];

    b->wall_s += wall_s;
    b->n_measured++;
    if (!rated)
        return;
    c->wall_s += wall_s;
    c->flops += flops;
    if (++c->n >= c->learn_at) {
        c->learn_at = c->n + 1 + c->n / 8;
        bins->stale = true;
    }
}

/* A pilot first, then longest first, then in the order of making. */
static int slot_compare(const void *a, const void *b)
{
    const struct slot *x = a, *y = b;

    if (x->first != y->first)
        return x->first ? -1 : 1;
    if (x->seconds > y->seconds || x->seconds < y->seconds)
        return x->seconds > y->seconds ? -1 : 1;
    return x->bin < y->bin ? -1 : x->bin > y->bin;
}

void att_bins_renew(struct bins *bins)
{
    if (!bins->stale)
        return;
    bins->stale = false;
    bins->n_order = bins->head = 0;
    bins->waiting_s = 0;
    for (uint32_t i = 0; i < bins->n_bins; i++) {
        struct bin *b = &bins->bin[i];

        b->predicted_s = bin_seconds(bins, b);
        if (b->n_waiting == 0)
            continue;
        bins->waiting_s += (double)att_bin_units(b) * b->predicted_s;
        bins->order[bins->n_order++] =
            (struct slot){b->predicted_s, i, (b->key.flags & BIN_FIRST) != 0};
    }
    if (bins->n_order > 1)
        qsort(bins->order, bins->n_order, sizeof *bins->order, slot_compare);
}
