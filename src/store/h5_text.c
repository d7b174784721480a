/* h5_text.c - text that every reader accepts. */
#include "h5_priv.h"

#include <ctype.h>
#include <string.h>

#include "utf8_priv.h"

/* A text longer than this is no fact but an attack on memory. */
enum { TEXT_BYTES_MAX = 64 << 20 };

const char *att_h5_text_clean(const char *text, struct att_arena *arena)
{
    if (att_utf8_is_valid(text))
        return text;

    char *copy = att_arena_strdup(arena, text);

    if (copy != NULL)
        att_utf8_clean(copy);
    return copy;
}

bool att_h5_text_is_identifier(const char *name)
{
    if (!isalpha((unsigned char)name[0]) && name[0] != '_')
        return false;
    for (size_t i = 1; name[i] != '\0'; i++) {
        if (!isalnum((unsigned char)name[i]) && name[i] != '_')
            return false;
    }
    return true;
}

hid_t att_h5_text_type(void)
{
    const hid_t type = H5Tcopy(H5T_C_S1);

    if (type >= 0 && (H5Tset_size(type, H5T_VARIABLE) < 0 ||
                      H5Tset_cset(type, H5T_CSET_UTF8) < 0)) {
        (void)H5Tclose(type);
        return -1;
    }
    return type;
}

att_status att_h5_text_write(hid_t group, const char *name, const char *text,
                             struct att_error *err)
{
    const hid_t type = att_h5_text_type(), space = H5Screate(H5S_SCALAR);
    const hid_t set = H5Dcreate2(group, name, type, space, H5P_DEFAULT,
                                 H5P_DEFAULT, H5P_DEFAULT);
    bool written = false;

    if (set >= 0) {
        written =
            H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text) >= 0;
    }
    att_h5_close(set);
    att_h5_close(space);
    att_h5_close(type);
    if (!written)
        return att_h5_fail(err, ATT_E_IO, "cannot write the text '%s'", name);
    return ATT_OK;
}

/* Is the dataset or attribute a single string?  Others are not read. */
static bool is_scalar_text(hid_t type, hid_t space)
{
    return type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING &&
           H5Sget_simple_extent_npoints(space) == 1;
}

const char *att_h5_text_copy(hid_t type, hid_t space,
                             struct h5_text_source source,
                             struct att_arena *arena)
{
    const hid_t memory = att_h5_text_type();
    const bool variable = H5Tis_variable_str(type) > 0;
    const size_t size = H5Tget_size(type);
    const char *text = NULL;
    char *raw = NULL;

    if (is_scalar_text(type, space) && variable) {
        if (source.read(source.id, memory, &raw) >= 0) {
            text = att_arena_strdup(arena, raw == NULL ? "" : raw);
            (void)H5Dvlen_reclaim(memory, space, H5P_DEFAULT, &raw);
        }
    } else if (is_scalar_text(type, space) && size < TEXT_BYTES_MAX) {
        char *copy = ATT_NEW0(arena, char, size + 1);

        if (copy != NULL && source.read(source.id, type, copy) >= 0)
            text = copy;
    }
    att_h5_close(memory);
    return text == NULL ? NULL : att_h5_text_clean(text, arena);
}

static herr_t read_dataset(hid_t id, hid_t type, void *out)
{
    return H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
}

att_status att_h5_text_read(hid_t group, const char *name,
                            struct att_arena *arena, const char **text,
                            struct att_error *err)
{
    const hid_t set = H5Dopen2(group, name, H5P_DEFAULT);
    const hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    const char *copy = att_h5_text_copy(
        type, space, (struct h5_text_source){set, read_dataset}, arena);

    att_h5_close(space);
    att_h5_close(type);
    att_h5_close(set);
    if (copy == NULL)
        return att_h5_fail(err, ATT_E_PARSE, "'%s' is no single text", name);
    *text = copy;
    return ATT_OK;
}
