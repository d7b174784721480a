#include "attest/config/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "attest/base/arena.h"
#include "attest/base/buffer.h"
#include "attest/base/text.h"

struct att_inputs {
    struct att_arena *arena;     /* the bytes */
    struct att_input_file *file; /* n, by path once all are read */
    struct att_key *hash;
    size_t n, capacity;
};

/* ---- collecting names ------------------------------------------------------------ */

/* What names a path, and where relative ones start. */
struct mention {
    const char *study, *folder;
    size_t n_folder;
    const struct att_sweep *sweep;
    uint32_t param;
};

static int compare_files(const void *a, const void *b)
{
    const struct att_input_file *x = a;
    const struct att_input_file *y = b;

    return strcmp(x->path, y->path);
}

static bool is_known(const struct att_inputs *in, const char *path)
{
    for (size_t i = 0; i < in->n; i++) {
        if (att_text_same(in->file[i].path, path))
            return true;
    }
    return false;
}

static bool reserve(struct att_inputs *in)
{
    if (in->n < in->capacity)
        return true;
    const size_t capacity = in->capacity == 0 ? 8 : 2 * in->capacity;
    struct att_input_file *file = realloc(in->file, capacity * sizeof *file);
    if (file == NULL)
        return false;
    in->file = file;
    in->capacity = capacity;
    return true;
}

static att_status read_bytes(const struct mention *m, const char *path,
                             struct att_buffer *bytes, struct att_error *err)
{
    struct att_buffer full = {0};

    if (path[0] != '/') {
        att_buffer_append(&full, m->folder, m->n_folder);
        if (m->n_folder > 0 && m->folder[m->n_folder - 1] != '/')
            att_buffer_text(&full, "/");
    }
    att_buffer_text(&full, path);
    const att_status status =
        att_buffer_ok(&full)
            ? att_file_read(full.data, bytes, err)
            : att_fail(err, ATT_E_NOMEM, "out of memory for input files");
    att_buffer_fini(&full);
    return status;
}

/* Move the bytes to the arena. */
static att_status keep_file(struct att_inputs *in, const char *path,
                            const struct att_buffer *bytes,
                            struct att_error *err)
{
    void *copy = att_arena_alloc(in->arena, bytes->size, 1);

    if (copy == NULL || !reserve(in))
        return att_fail(err, ATT_E_NOMEM, "out of memory for input files");
    if (bytes->size > 0)
        memcpy(copy, bytes->data, bytes->size);
    in->file[in->n++] = (struct att_input_file){
        .path = path, .bytes = copy, .n_bytes = bytes->size};
    return ATT_OK;
}

static att_status read_file(struct att_inputs *in, const struct mention *m,
                            const char *path, struct att_error *err)
{
    struct att_buffer bytes = {0};
    struct att_error why = {0};

    if (path[0] == '\0' || is_known(in, path))
        return ATT_OK;
    att_status status = read_bytes(m, path, &bytes, &why);
    if (status == ATT_OK)
        status = keep_file(in, path, &bytes, &why);
    att_buffer_fini(&bytes);
    if (status == ATT_OK)
        return ATT_OK;
    return att_fail(
        err, status, "%s: sweep '%s': %s: %s", m->study, m->sweep->name,
        att_construction_param(m->sweep->construction, m->param)->name,
        why.text);
}

static bool is_path(const struct att_sweep *sweep, uint32_t param)
{
    return att_construction_param(sweep->construction, param)->type ==
           ATT_TYPE_PATH;
}

static att_status read_axis(struct att_inputs *in, struct mention *m,
                            const struct att_axis *axis, struct att_error *err)
{
    for (uint32_t k = 0; k < axis->n_params; k++) {
        m->param = axis->param[k];
        if (!is_path(m->sweep, m->param))
            continue;
        for (uint64_t i = 0; i < axis->n; i++)
            ATT_TRY(read_file(in, m, att_axis_value(axis, i, k).s, err));
    }
    return ATT_OK;
}

static att_status read_sweep(struct att_inputs *in, struct mention *m,
                             struct att_error *err)
{
    const struct att_sweep *sweep = m->sweep;

    for (uint32_t i = 0; i < att_construction_n_params(sweep->construction);
         i++) {
        m->param = i;
        if (is_path(sweep, i))
            ATT_TRY(read_file(in, m, sweep->fixed[i].s, err));
    }
    for (uint32_t a = 0; a < sweep->n_axes; a++)
        ATT_TRY(read_axis(in, m, &sweep->axis[a], err));
    return ATT_OK;
}

/* ---- the whole --------------------------------------------------------------------- */

static att_status hash_files(struct att_inputs *in, struct att_error *err)
{
    if (in->n == 0)
        return ATT_OK;
    qsort(in->file, in->n, sizeof *in->file, compare_files);
    in->hash = calloc(in->n, sizeof *in->hash);
    if (in->hash == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory for input files");
    for (size_t i = 0; i < in->n; i++)
        in->hash[i] = att_hash128(in->file[i].bytes, in->file[i].n_bytes);
    return ATT_OK;
}

static att_status read_all(struct att_inputs *in, const struct att_study *study,
                           const char *folder, struct att_error *err)
{
    const char *slash = strrchr(study->path, '/');
    struct mention m = {.study = study->path, .folder = study->path};

    m.n_folder = slash == NULL ? 0 : (size_t)(slash - study->path) + 1;
    if (folder != NULL) {
        m.folder = folder;
        m.n_folder = strlen(folder);
    }
    for (uint32_t s = 0; s < study->n_sweeps; s++) {
        m.sweep = &study->sweep[s];
        ATT_TRY(read_sweep(in, &m, err));
    }
    return hash_files(in, err);
}

att_status att_inputs_read(const struct att_study *study, const char *folder,
                           struct att_inputs **inputs, struct att_error *err)
{
    struct att_inputs *in = calloc(1, sizeof *in);

    if (in != NULL)
        in->arena = att_arena_create(0);
    if (in == NULL || in->arena == NULL) {
        att_inputs_destroy(in);
        return att_fail(err, ATT_E_NOMEM, "out of memory for input files");
    }
    const att_status status = read_all(in, study, folder, err);
    if (status != ATT_OK) {
        att_inputs_destroy(in);
    } else {
        *inputs = in;
    }
    return status;
}

void att_inputs_destroy(struct att_inputs *inputs)
{
    if (inputs == NULL)
        return;
    att_arena_destroy(inputs->arena);
    free(inputs->file);
    free(inputs->hash);
    free(inputs);
}

const struct att_input_file *att_inputs_files(const struct att_inputs *inputs,
                                              size_t *n)
{
    *n = inputs->n;
    return inputs->file;
}

bool att_inputs_hash(const struct att_inputs *inputs, const char *path,
                     struct att_key *hash)
{
    const struct att_input_file key = {.path = path};
    const struct att_input_file *found =
        inputs->n == 0 ? NULL
                       : bsearch(&key, inputs->file, inputs->n,
                                 sizeof *inputs->file, compare_files);

    if (found == NULL)
        return false;
    *hash = inputs->hash[found - inputs->file];
    return true;
}
