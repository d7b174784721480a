/* model_write.c - an artifact becomes an HDF5 file. */
#include <string.h>

#include "attest/store/model_file.h"
#include "attest/store/provenance.h"
#include "model_file_priv.h"

/* HDF5 takes '/' for a path; lists of names are separated by spaces. */
static att_status check_name(const char *name, struct att_error *err)
{
    if (name[0] == '\0' || strpbrk(name, "/ ") != NULL)
        return att_fail(err, ATT_E_ARG, "'%s' cannot name a tensor", name);
    return ATT_OK;
}

static hid_t stored_dtype(enum att_dtype dtype)
{
    switch (dtype) {
    case ATT_F64:
        return H5T_IEEE_F64LE;
    case ATT_F32:
        return H5T_IEEE_F32LE;
    case ATT_I64:
        return H5T_STD_I64LE;
    case ATT_U8:
        break;
    }
    return H5T_STD_U8LE;
}

static att_status put_tensor(hid_t group, const struct att_tensor *t,
                             struct att_error *err)
{
    hsize_t extent[ATT_TENSOR_RANK] = {0};

    ATT_TRY(check_name(t->name, err));
    for (uint32_t i = 0; i < t->rank; i++)
        extent[i] = t->shape[i];

    const hid_t space = t->rank == 0
                            ? H5Screate(H5S_SCALAR)
                            : H5Screate_simple((int)t->rank, extent, NULL);
    const hid_t set = H5Dcreate2(group, t->name, stored_dtype(t->dtype), space,
                                 H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const bool written =
        set >= 0 && H5Dwrite(set, model_dtype(t->dtype), H5S_ALL, H5S_ALL,
                             H5P_DEFAULT, t->data) >= 0;

    att_h5_close(set);
    att_h5_close(space);
    if (!written) {
        return att_h5_fail(err, ATT_E_IO, "cannot write the tensor '%s'",
                           t->name);
    }
    return ATT_OK;
}

/* Names one after the other, as the reader will ask for them. */
static void add_name(struct att_buffer *names, const char *name)
{
    att_buffer_printf(names, "%s%s", names->size == 0 ? "" : " ", name);
}

static void put_names(struct h5_put *put, const char *attribute,
                      struct att_buffer *names)
{
    if (!att_buffer_ok(names) && put->status == ATT_OK)
        put->status = att_fail(put->err, ATT_E_NOMEM, "no memory for names");
    att_h5_put_text(put, attribute, names->data == NULL ? "" : names->data);
    att_buffer_fini(names);
}

/* Tensors of a bundle, and their order. */
static att_status put_bundle(hid_t group, const struct att_bundle *b,
                             struct att_error *err)
{
    struct h5_put put = {.object = group, .err = err};
    struct att_buffer names = {0};

    for (size_t i = 0; i < b->n; i++)
        add_name(&names, b->tensor[i].name);
    put_names(&put, MODEL_TENSORS, &names);
    for (size_t i = 0; i < b->n && put.status == ATT_OK; i++)
        put.status = put_tensor(group, &b->tensor[i], err);
    return put.status;
}

static att_status put_bundle_group(hid_t root, const char *name,
                                   const struct att_bundle *b,
                                   struct att_error *err)
{
    hid_t group = -1;

    ATT_TRY(att_h5_group_create(root, name, &group, err));

    const att_status status = put_bundle(group, b, err);

    att_h5_close(group);
    return status;
}

static void put_attribute(struct h5_put *put, const struct att_attribute *a)
{
    if (a->text != NULL) {
        att_h5_put_text(put, a->name, a->text);
    } else {
        att_h5_put_f64(put, a->name, a->number);
    }
}

static att_status put_attributes(hid_t group, const struct att_layer *l,
                                 struct att_error *err)
{
    struct h5_put put = {.object = group, .err = err};
    struct att_buffer all = {0}, counted = {0};

    for (uint32_t i = 0; i < l->n_attributes; i++) {
        add_name(&all, l->attribute[i].name);
        if (l->attribute[i].counted)
            add_name(&counted, l->attribute[i].name);
        put_attribute(&put, &l->attribute[i]);
    }
    put_names(&put, MODEL_ATTRIBUTES, &all);
    put_names(&put, MODEL_PARAMETERS, &counted);
    att_h5_put_text(&put, "kind", att_layer_kind_text(l->kind));
    return put.status;
}

static att_status put_layer(hid_t layers, size_t i, const struct att_layer *l,
                            struct att_error *err)
{
    char name[MODEL_LAYER_NAME];
    hid_t group = -1;

    (void)snprintf(name, sizeof name, "%03zu", i);
    ATT_TRY(att_h5_group_create(layers, name, &group, err));

    att_status status = put_attributes(group, l, err);

    if (status == ATT_OK)
        status = put_bundle(group, &l->tensors, err);
    att_h5_close(group);
    return status;
}

static att_status put_layers(hid_t root, const struct att_model *m,
                             struct att_error *err)
{
    att_status status = ATT_OK;
    hid_t layers = -1;

    ATT_TRY(att_h5_group_create(root, "layers", &layers, err));
    for (size_t i = 0; i < m->n && status == ATT_OK; i++)
        status = put_layer(layers, i, &m->layer[i], err);
    att_h5_close(layers);
    return status;
}

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static att_status put_root(hid_t root, const struct att_artifact *a,
                           const struct att_model_label *label,
                           struct att_error *err)
{
    struct h5_put put = {.object = root, .err = err};

    att_h5_put_text(&put, "attest_version", att_version());
    att_h5_put_i64(&put, "schema_version", MODEL_SCHEMA_VERSION);
    att_h5_put_text(&put, "construction", label->construction);
    att_h5_put_text(&put, "key", label->key);
    att_h5_put_text(&put, "point", label->point);
    att_h5_put_i64(&put, "n_layers", (int64_t)a->model.n);
    att_h5_put_f64(&put, "atol", a->atol);
    att_h5_put_f64(&put, "rtol", a->rtol);
    att_h5_put_text(&put, "arithmetic", or_empty(a->arithmetic));
    att_h5_put_text(&put, "tolerance_reason", or_empty(a->tolerance_reason));
    return put.status;
}

static att_status put_artifact(hid_t root, const struct att_artifact *a,
                               const struct att_model_label *label,
                               struct att_error *err)
{
    ATT_TRY(put_root(root, a, label, err));
    ATT_TRY(put_layers(root, &a->model, err));
    ATT_TRY(put_bundle_group(root, "instance", &a->instance, err));
    ATT_TRY(put_bundle_group(root, "expected", &a->expected, err));
    return put_bundle_group(root, "witness", &a->witness, err);
}

static att_status write_file(const char *path, const struct att_artifact *a,
                             const struct att_model_label *label,
                             struct att_error *err)
{
    struct h5_file file;

    ATT_TRY(att_h5_file_create(path, &file, err));

    const att_status status = put_artifact(file.id, a, label, err);

    if (status == ATT_OK)
        return att_h5_file_commit(&file, NULL, err);
    att_h5_file_abandon(&file);
    return status;
}

att_status att_model_file_write(const char *path, const struct att_artifact *a,
                                const struct att_model_label *label,
                                struct att_error *err)
{
    const struct h5_quiet quiet = att_h5_quiet_begin();
    const att_status status = write_file(path, a, label, err);

    att_h5_quiet_end(quiet);
    return status;
}
