/* h5_attribute.c - groups and their attributes. */
#include "h5_priv.h"

att_status att_h5_group_create(hid_t parent, const char *name, hid_t *group,
                               struct att_error *err)
{
    *group = H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (*group < 0)
        return att_h5_fail(err, ATT_E_IO, "cannot create the group '%s'", name);
    return ATT_OK;
}

/* ---- writing ---------------------------------------------------------------- */

/* An attribute of the given type and space; takes both over. */
static void put_value(struct h5_put *put, const char *name, hid_t type,
                      hid_t space, const void *value)
{
    if (put->status == ATT_OK) {
        const hid_t attribute = H5Acreate2(put->object, name, type, space,
                                           H5P_DEFAULT, H5P_DEFAULT);

        if (attribute < 0 || H5Awrite(attribute, type, value) < 0) {
            put->status = att_h5_fail(put->err, ATT_E_IO,
                                      "cannot write the attribute '%s'", name);
        }
        att_h5_close(attribute);
    }
    att_h5_close(space);
    att_h5_close(type);
}

void att_h5_put_text(struct h5_put *put, const char *name, const char *text)
{
    put_value(put, name, att_h5_text_type(), H5Screate(H5S_SCALAR), &text);
}

void att_h5_put_i64(struct h5_put *put, const char *name, int64_t x)
{
    put_value(put, name, H5Tcopy(H5T_NATIVE_INT64), H5Screate(H5S_SCALAR), &x);
}

void att_h5_put_f64(struct h5_put *put, const char *name, double x)
{
    put_value(put, name, H5Tcopy(H5T_NATIVE_DOUBLE), H5Screate(H5S_SCALAR), &x);
}

void att_h5_put_i8s(struct h5_put *put, const char *name, const int8_t *x,
                    size_t n)
{
    const hsize_t extent = n;

    put_value(put, name, H5Tcopy(H5T_NATIVE_INT8),
              H5Screate_simple(1, &extent, NULL), x);
}

/* ---- reading ---------------------------------------------------------------- */

bool att_h5_has_attribute(hid_t object, const char *name)
{
    return H5Aexists(object, name) > 0;
}

const char *att_h5_get_text(struct h5_get *get, const char *name,
                            const char *fallback)
{
    if (get->status != ATT_OK || !att_h5_has_attribute(get->object, name))
        return fallback;

    const hid_t attribute = H5Aopen(get->object, name, H5P_DEFAULT);
    const hid_t type = H5Aget_type(attribute);
    const hid_t space = H5Aget_space(attribute);
    const char *copy = att_h5_text_copy(
        type, space, (struct h5_text_source){attribute, H5Aread}, get->arena);

    att_h5_close(space);
    att_h5_close(type);
    att_h5_close(attribute);
    if (copy != NULL)
        return copy;
    get->status = att_h5_fail(get->err, ATT_E_PARSE,
                              "attribute '%s' is no single text", name);
    return fallback;
}

/* Put a scalar number of any numeric type, converted to `type`, into x. */
static void get_number(struct h5_get *get, const char *name, hid_t type,
                       void *x)
{
    if (get->status != ATT_OK || !att_h5_has_attribute(get->object, name))
        return;

    const hid_t attribute = H5Aopen(get->object, name, H5P_DEFAULT);
    const hid_t stored = H5Aget_type(attribute);
    const hid_t space = H5Aget_space(attribute);
    const H5T_class_t class = H5Tget_class(stored);

    if ((class != H5T_INTEGER && class != H5T_FLOAT) ||
        H5Sget_simple_extent_npoints(space) != 1 ||
        H5Aread(attribute, type, x) < 0) {
        get->status = att_h5_fail(get->err, ATT_E_PARSE,
                                  "attribute '%s' is no single number", name);
    }
    att_h5_close(space);
    att_h5_close(stored);
    att_h5_close(attribute);
}

double att_h5_get_f64(struct h5_get *get, const char *name, double fallback)
{
    double x = fallback;

    get_number(get, name, H5T_NATIVE_DOUBLE, &x);
    return x;
}

int64_t att_h5_get_i64(struct h5_get *get, const char *name, int64_t fallback)
{
    int64_t x = fallback;

    get_number(get, name, H5T_NATIVE_INT64, &x);
    return x;
}
