/* tensor.c - named arrays in an arena. */
#include "attest/model/tensor.h"

#include <assert.h>
#include <string.h>

#include "attest/base/size.h"
#include "attest/base/text.h"

size_t att_dtype_bytes(enum att_dtype dtype)
{
    switch (dtype) {
    case ATT_F64:
        return sizeof(double);
    case ATT_F32:
        return sizeof(float);
    case ATT_I64:
        return sizeof(int64_t);
    case ATT_U8:
        return sizeof(uint8_t);
    }
    return 0;
}

uint64_t att_tensor_count(const struct att_tensor *t)
{
    uint64_t n = 1;

    for (uint32_t i = 0; i < t->rank; i++)
        n *= t->shape[i];
    return n;
}

double att_tensor_get(const struct att_tensor *t, uint64_t i)
{
    switch (t->dtype) {
    case ATT_F64:
        return ((const double *)t->data)[i];
    case ATT_F32:
        return (double)((const float *)t->data)[i];
    case ATT_I64:
        return (double)((const int64_t *)t->data)[i];
    case ATT_U8:
        return (double)((const uint8_t *)t->data)[i];
    }
    return 0.0;
}

void att_bundle_init(struct att_bundle *b, struct att_arena *arena)
{
    *b = (struct att_bundle){.arena = arena};
}

/* Room for one more; the old list stays behind in the arena. */
static bool bundle_reserve(struct att_bundle *b)
{
    if (b->n < b->capacity)
        return true;

    const size_t capacity = b->capacity == 0 ? 8 : 2 * b->capacity;
    struct att_tensor *tensor = ATT_NEW(b->arena, struct att_tensor, capacity);

    if (tensor == NULL)
        return false;
    if (b->n > 0)
        memcpy(tensor, b->tensor, b->n * sizeof *tensor);
    b->tensor = tensor;
    b->capacity = capacity;
    return true;
}

/* Elements of a shape; SIZE_MAX (which no arena grants) on overflow. */
static size_t shape_count(uint32_t rank, const uint64_t *shape)
{
    size_t n = 1;

    for (uint32_t i = 0; i < rank; i++) {
        if (!att_size_mul(n, (size_t)shape[i], &n))
            return SIZE_MAX;
    }
    return n;
}

void *att_bundle_add(struct att_bundle *b, const char *name,
                     enum att_dtype dtype, uint32_t rank, const uint64_t *shape)
{
    assert(rank <= ATT_TENSOR_RANK && att_bundle_find(b, name) == NULL);
    const size_t n = shape_count(rank, shape);
    void *data = att_arena_zero(b->arena, n, att_dtype_bytes(dtype));
    const char *copy = att_arena_strdup(b->arena, name);

    if (data == NULL || copy == NULL || !bundle_reserve(b))
        return NULL;
    struct att_tensor *t = &b->tensor[b->n++];

    *t = (struct att_tensor){
        .name = copy, .dtype = dtype, .rank = rank, .data = data};
    for (uint32_t i = 0; i < rank; i++)
        t->shape[i] = shape[i];
    return data;
}

/* Append and fill with a copy of x. */
static void add_copy(struct att_bundle *b, const char *name,
                     enum att_dtype dtype, uint32_t rank, const uint64_t *shape,
                     const void *x)
{
    void *data = att_bundle_add(b, name, dtype, rank, shape);
    const size_t bytes = shape_count(rank, shape) * att_dtype_bytes(dtype);

    if (data != NULL && bytes > 0)
        memcpy(data, x, bytes);
}

void att_bundle_f64(struct att_bundle *b, const char *name, const double *x,
                    uint64_t rows, uint64_t cols)
{
    add_copy(b, name, ATT_F64, 2, (const uint64_t[]){rows, cols}, x);
}

void att_bundle_vector(struct att_bundle *b, const char *name, const double *x,
                       uint64_t n)
{
    add_copy(b, name, ATT_F64, 1, &n, x);
}

void att_bundle_i64(struct att_bundle *b, const char *name, const int64_t *x,
                    uint64_t n)
{
    add_copy(b, name, ATT_I64, 1, &n, x);
}

void att_bundle_scalar(struct att_bundle *b, const char *name, double x)
{
    add_copy(b, name, ATT_F64, 0, NULL, &x);
}

const struct att_tensor *att_bundle_find(const struct att_bundle *b,
                                         const char *name)
{
    for (size_t i = 0; i < b->n; i++) {
        if (att_text_same(b->tensor[i].name, name))
            return &b->tensor[i];
    }
    return NULL;
}
