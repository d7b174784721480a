/* artifact.c - layers, their attributes, and what counts as a parameter. */
#include "attest/model/artifact.h"

#include <assert.h>
#include <string.h>

#include "attest/base/text.h"

void att_artifact_init(struct att_artifact *a, struct att_arena *arena)
{
    *a = (struct att_artifact){
        .model = {.arena = arena},
        .tolerance_reason = "",
        .arithmetic = "f64",
    };
    att_bundle_init(&a->instance, arena);
    att_bundle_init(&a->expected, arena);
    att_bundle_init(&a->witness, arena);
}

/* Room for one more; the old list stays behind in the arena. */
static bool model_reserve(struct att_model *m)
{
    if (m->n < m->capacity)
        return true;

    const size_t capacity = m->capacity == 0 ? 8 : 2 * m->capacity;
    struct att_layer *layer = ATT_NEW(m->arena, struct att_layer, capacity);

    if (layer == NULL)
        return false;
    if (m->n > 0)
        memcpy(layer, m->layer, m->n * sizeof *layer);
    m->layer = layer;
    m->capacity = capacity;
    return true;
}

struct att_layer *att_model_add(struct att_model *m, enum att_layer_kind kind)
{
    if (!model_reserve(m))
        return NULL;
    struct att_layer *l = &m->layer[m->n++];

    *l = (struct att_layer){.kind = kind};
    att_bundle_init(&l->tensors, m->arena);
    return l;
}

static const struct att_attribute *find_attribute(const struct att_layer *l,
                                                  const char *name)
{
    for (uint32_t i = 0; i < l->n_attributes; i++) {
        if (att_text_same(l->attribute[i].name, name))
            return &l->attribute[i];
    }
    return NULL;
}

static void add_attribute(struct att_layer *l, struct att_attribute a)
{
    assert(l->n_attributes < ATT_LAYER_ATTRIBUTES &&
           find_attribute(l, a.name) == NULL);
    l->attribute[l->n_attributes++] = a;
}

void att_layer_number(struct att_layer *l, const char *name, double x)
{
    add_attribute(l, (struct att_attribute){.name = name, .number = x});
}

void att_layer_parameter(struct att_layer *l, const char *name, double x)
{
    add_attribute(
        l, (struct att_attribute){.name = name, .number = x, .counted = true});
}

void att_layer_text(struct att_layer *l, const char *name, const char *text)
{
    add_attribute(l, (struct att_attribute){.name = name, .text = text});
}

double att_layer_get(const struct att_layer *l, const char *name,
                     double fallback)
{
    const struct att_attribute *a = find_attribute(l, name);

    return a != NULL && a->text == NULL ? a->number : fallback;
}

const char *att_layer_get_text(const struct att_layer *l, const char *name,
                               const char *fallback)
{
    const struct att_attribute *a = find_attribute(l, name);

    return a != NULL && a->text != NULL ? a->text : fallback;
}

const char *att_layer_kind_text(enum att_layer_kind kind)
{
    static const char *const TEXT[ATT_LAYER_KINDS] = {
        [ATT_LAYER_ATTENTION] = "attention",
        [ATT_LAYER_FEED_FORWARD] = "feed_forward",
        [ATT_LAYER_TOKENWISE] = "tokenwise",
        [ATT_LAYER_THIRD_ORDER] = "third_order",
        [ATT_LAYER_RECURRENT] = "recurrent",
        [ATT_LAYER_READ_OUT] = "read_out",
    };

    return kind < ATT_LAYER_KINDS ? TEXT[kind] : "unknown";
}

uint64_t att_layer_parameters(const struct att_layer *l)
{
    uint64_t n = 0;

    for (size_t i = 0; i < l->tensors.n; i++) {
        if (l->tensors.tensor[i].name[0] != '_')
            n += att_tensor_count(&l->tensors.tensor[i]);
    }
    for (uint32_t i = 0; i < l->n_attributes; i++)
        n += l->attribute[i].counted ? 1 : 0;
    return n;
}

uint64_t att_model_parameters(const struct att_model *m)
{
    uint64_t n = 0;

    for (size_t i = 0; i < m->n; i++)
        n += att_layer_parameters(&m->layer[i]);
    return n;
}
