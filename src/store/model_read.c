/* model_read.c - an HDF5 file, of whatever origin, becomes an artifact. */
#include <inttypes.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/store/model_file.h"
#include "guard_priv.h"
#include "model_file_priv.h"

enum { LAYERS_MAX = 100000 };

/* ---- tensors ---------------------------------------------------------------- */

static bool dtype_of(hid_t set, enum att_dtype *dtype)
{
    const hid_t type = H5Dget_type(set);
    const H5T_class_t class = H5Tget_class(type);
    const size_t size = H5Tget_size(type);
    bool known = true;

    if (class == H5T_FLOAT && (size == 8 || size == 4)) {
        *dtype = size == 8 ? ATT_F64 : ATT_F32;
    } else if (class == H5T_INTEGER && (size == 8 || size == 1)) {
        *dtype = size == 8 ? ATT_I64 : ATT_U8;
    } else {
        known = false;
    }
    att_h5_close(type);
    return known;
}

/* The shape; false when it is none of a tensor's or the file cannot hold it. */
static bool shape_of(hid_t set, enum att_dtype dtype, uint32_t *rank,
                     uint64_t *shape)
{
    const hid_t space = H5Dget_space(set);
    const int n = H5Sget_simple_extent_ndims(space);
    hsize_t extent[ATT_TENSOR_RANK] = {0};
    uint64_t count = 1;
    bool fits = n >= 0 && n <= ATT_TENSOR_RANK &&
                H5Sget_simple_extent_type(space) != H5S_NULL &&
                H5Sget_simple_extent_dims(space, extent, NULL) == n;

    for (int i = 0; fits && i < n; i++) {
        fits = extent[i] == 0 || count <= UINT64_MAX / extent[i];
        count *= extent[i];
        shape[i] = extent[i];
    }
    att_h5_close(space);
    *rank = fits ? (uint32_t)n : 0;
    return fits && att_h5_is_plausible(set, count, att_dtype_bytes(dtype));
}

static att_status read_tensor(hid_t set, const char *name,
                              struct att_bundle *out, struct att_error *err)
{
    uint64_t shape[ATT_TENSOR_RANK] = {0};
    enum att_dtype dtype = ATT_F64;
    uint32_t rank = 0;

    if (set < 0)
        return att_h5_fail(err, ATT_E_PARSE, "there is no tensor '%s'", name);
    if (!dtype_of(set, &dtype)) {
        return att_fail(err, ATT_E_PARSE,
                        "tensor '%s' is not of float64, float32, int64 or "
                        "uint8",
                        name);
    }
    if (!shape_of(set, dtype, &rank, shape)) {
        return att_fail(err, ATT_E_PARSE, "tensor '%s' has an impossible shape",
                        name);
    }
    if (att_bundle_find(out, name) != NULL)
        return att_fail(err, ATT_E_PARSE, "tensor '%s' is listed twice", name);

    void *data = att_bundle_add(out, name, dtype, rank, shape);

    if (data == NULL)
        return att_arena_fail(out->arena, name, err);
    if (H5Dread(set, model_dtype(dtype), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) <
        0)
        return att_h5_fail(err, ATT_E_IO, "cannot read the tensor '%s'", name);
    return ATT_OK;
}

static att_status read_bundle(hid_t group, struct att_bundle *out,
                              struct att_error *err)
{
    struct h5_get get = {.object = group, .arena = out->arena, .err = err};
    char *copy =
        att_arena_strdup(out->arena, att_h5_get_text(&get, MODEL_TENSORS, ""));
    char *rest = NULL;

    if (get.status != ATT_OK)
        return get.status;
    if (copy == NULL)
        return att_arena_fail(out->arena, "names of tensors", err);
    for (char *name = strtok_r(copy, " ", &rest); name != NULL;
         name = strtok_r(NULL, " ", &rest)) {
        const hid_t set = H5Dopen2(group, name, H5P_DEFAULT);
        const att_status status = read_tensor(set, name, out, err);

        att_h5_close(set);
        if (status != ATT_OK)
            return status;
    }
    return ATT_OK;
}

static att_status read_bundle_group(hid_t root, const char *name,
                                    struct att_bundle *out,
                                    struct att_error *err)
{
    const hid_t group = H5Gopen2(root, name, H5P_DEFAULT);

    if (group < 0)
        return att_h5_fail(err, ATT_E_PARSE, "there is no group '%s'", name);

    const att_status status = read_bundle(group, out, err);

    att_h5_close(group);
    return status;
}

/* ---- layers ----------------------------------------------------------------- */

static bool kind_of(const char *text, enum att_layer_kind *kind)
{
    for (int k = 0; k < ATT_LAYER_KINDS; k++) {
        if (!att_text_same(att_layer_kind_text((enum att_layer_kind)k), text))
            continue;
        *kind = (enum att_layer_kind)k;
        return true;
    }
    return false;
}

/* Is name one of the words of list? */
static bool lists(const char *list, const char *name)
{
    const size_t n = strlen(name);

    for (const char *at = strstr(list, name); at != NULL;
         at = strstr(at + 1, name)) {
        if ((at == list || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
    }
    return false;
}

static bool is_text_attribute(hid_t group, const char *name)
{
    const hid_t attribute = H5Aopen(group, name, H5P_DEFAULT);
    const hid_t type = H5Aget_type(attribute);
    const bool text = H5Tget_class(type) == H5T_STRING;

    att_h5_close(type);
    att_h5_close(attribute);
    return text;
}

static void read_attribute(struct h5_get *get, const char *name,
                           const char *counted, struct att_layer *l)
{
    struct att_attribute a = {.name = name, .counted = lists(counted, name)};

    if (get->status != ATT_OK)
        return;
    if (l->n_attributes == ATT_LAYER_ATTRIBUTES ||
        !att_h5_has_attribute(get->object, name)) {
        get->status = att_fail(get->err, ATT_E_PARSE,
                               "there is no attribute '%s', or it is more than "
                               "the %d that a layer has",
                               name, ATT_LAYER_ATTRIBUTES);
        return;
    }
    if (is_text_attribute(get->object, name)) {
        a.text = att_h5_get_text(get, name, "");
    } else {
        a.number = att_h5_get_f64(get, name, 0);
    }
    l->attribute[l->n_attributes++] = a;
}

static att_status read_attributes(hid_t group, struct att_layer *l,
                                  struct att_error *err)
{
    struct att_arena *arena = l->tensors.arena;
    struct h5_get get = {.object = group, .arena = arena, .err = err};
    const char *counted = att_h5_get_text(&get, MODEL_PARAMETERS, "");
    char *copy =
        att_arena_strdup(arena, att_h5_get_text(&get, MODEL_ATTRIBUTES, ""));
    char *rest = NULL;

    if (copy == NULL)
        return att_arena_fail(arena, "names of attributes", err);
    for (char *name = strtok_r(copy, " ", &rest); name != NULL;
         name = strtok_r(NULL, " ", &rest))
        read_attribute(&get, name, counted, l);
    return get.status;
}

static att_status read_layer_group(hid_t group, struct att_model *m,
                                   struct att_error *err)
{
    struct h5_get get = {.object = group, .arena = m->arena, .err = err};
    const char *text = att_h5_get_text(&get, "kind", "");
    enum att_layer_kind kind = ATT_LAYER_ATTENTION;

    if (get.status != ATT_OK)
        return get.status;
    if (!kind_of(text, &kind)) {
        return att_fail(err, ATT_E_PARSE, "layers of kind '%s' are unknown",
                        text);
    }

    struct att_layer *l = att_model_add(m, kind);

    if (l == NULL)
        return att_arena_fail(m->arena, "a layer", err);
    ATT_TRY(read_attributes(group, l, err));
    return read_bundle(group, &l->tensors, err);
}

static att_status read_layer(hid_t root, size_t i, struct att_model *m,
                             struct att_error *err)
{
    char name[MODEL_LAYER_NAME];

    (void)snprintf(name, sizeof name, "layers/%03zu", i);

    const hid_t group = H5Gopen2(root, name, H5P_DEFAULT);

    if (group < 0)
        return att_h5_fail(err, ATT_E_PARSE, "there is no group '%s'", name);

    const att_status status = read_layer_group(group, m, err);

    att_h5_close(group);
    return status;
}

static att_status read_layers(hid_t root, struct att_model *m,
                              struct att_error *err)
{
    struct h5_get get = {.object = root, .err = err};
    const int64_t n = att_h5_get_i64(&get, "n_layers", -1);

    if (get.status != ATT_OK)
        return get.status;
    if (n < 0 || n > LAYERS_MAX) {
        return att_fail(err, ATT_E_PARSE,
                        "no model file of attest: %" PRId64 " layers", n);
    }
    for (int64_t i = 0; i < n; i++)
        ATT_TRY(read_layer(root, (size_t)i, m, err));
    return ATT_OK;
}

/* ---- the file ---------------------------------------------------------------- */

static att_status read_root(hid_t root, struct att_arena *arena,
                            struct att_artifact *a,
                            struct att_model_label *label,
                            struct att_error *err)
{
    struct h5_get get = {.object = root, .arena = arena, .err = err};
    const int64_t version = att_h5_get_i64(&get, "schema_version", 0);

    label->construction = att_h5_get_text(&get, "construction", "");
    label->key = att_h5_get_text(&get, "key", "");
    label->point = att_h5_get_text(&get, "point", "");
    a->arithmetic = att_h5_get_text(&get, "arithmetic", "f64");
    a->tolerance_reason = att_h5_get_text(&get, "tolerance_reason", "");
    a->atol = att_h5_get_f64(&get, "atol", 0);
    a->rtol = att_h5_get_f64(&get, "rtol", 0);
    if (get.status == ATT_OK && version > MODEL_SCHEMA_VERSION) {
        return att_fail(err, ATT_E_VERSION,
                        "its schema %" PRId64
                        " is newer than %d: use a newer attest",
                        version, MODEL_SCHEMA_VERSION);
    }
    return get.status;
}

struct reading {
    const char *path;
    struct att_arena *arena;
    struct att_artifact *artifact;
    struct att_model_label *label;
};

static att_status read_parts(hid_t root, const struct reading *r,
                             struct att_error *err)
{
    struct att_artifact *a = r->artifact;

    att_artifact_init(a, r->arena);
    ATT_TRY(read_root(root, r->arena, a, r->label, err));
    ATT_TRY(read_layers(root, &a->model, err));
    ATT_TRY(read_bundle_group(root, "instance", &a->instance, err));
    ATT_TRY(read_bundle_group(root, "expected", &a->expected, err));
    return read_bundle_group(root, "witness", &a->witness, err);
}

static att_status read_file(void *context, struct att_error *err)
{
    const struct reading *r = context;
    const struct h5_quiet quiet = att_h5_quiet_begin();
    struct att_error inner = {0};
    hid_t file = -1;
    att_status status = att_h5_file_open(r->path, &file, err);

    if (status == ATT_OK) {
        status = read_parts(file, r, &inner);
        if (status != ATT_OK)
            status = att_fail(err, status, "'%s': %s", r->path, inner.text);
    }
    att_h5_close(file);
    att_h5_quiet_end(quiet);
    return status;
}

att_status att_model_file_read(const char *path, struct att_arena *arena,
                               struct att_artifact *a,
                               struct att_model_label *label,
                               struct att_error *err)
{
    struct reading reading = {path, arena, a, label};

    ATT_TRY(att_guard_run(path, read_file, &reading, err));
    return read_file(&reading, err);
}
