/* h5_priv.h - the few things attest does with HDF5, each with one owner and a
 * reason for failing in an att_error.
 *
 * Every function expects the library's own error printing to be off: bracket
 * a use of this header with att_h5_quiet_begin and att_h5_quiet_end.  Handles
 * are closed by the functions named *_close; negative handles are ignored. */
#pragma once

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/arena.h"
#include "attest/base/status.h"
#include "attest/store/store.h"

/* ---- errors (h5.c) ---------------------------------------------------- */

struct h5_quiet {
    H5E_auto2_t print;
    void *context;
};
struct h5_quiet att_h5_quiet_begin(void);
void att_h5_quiet_end(struct h5_quiet quiet);

/* "<text>: <the innermost reason that HDF5 gives>"; clears its stack. */
att_status att_h5_fail(struct att_error *err, att_status status,
                       const char *fmt, ...) ATT_PRINTF(3, 4);

/* ---- files (h5.c) ----------------------------------------------------- */

/* A file that is being written beside its target. */
struct h5_file {
    hid_t id;
    char *target, *temporary;
    const struct att_store_mark
        *replaces; /* borrowed; NULL: whatever is there */
};

ATT_CHECKED att_status att_h5_file_create(const char *path,
                                          struct h5_file *file,
                                          struct att_error *err);
/* Close, sync, rename unless another file has come to the target; *n_bytes
 * (may be NULL) is the size.  The file is gone also on failure, with its
 * temporary name. */
ATT_CHECKED att_status att_h5_file_commit(struct h5_file *file,
                                          uint64_t *n_bytes,
                                          struct att_error *err);
void att_h5_file_abandon(struct h5_file *file); /* after commit: nothing */

ATT_CHECKED att_status att_h5_file_open(const char *path, hid_t *id,
                                        struct att_error *err);
void att_h5_close(hid_t id); /* any kind of handle */

/* Can the dataset, and its file, hold n elements of so many bytes?  What
 * claims more than its compressed bytes could give is a lie that would cost
 * memory. */
bool att_h5_is_plausible(hid_t set, uint64_t n, size_t bytes);

/* ---- groups and attributes (h5_attribute.c) --------------------------- */

ATT_CHECKED att_status att_h5_group_create(hid_t parent, const char *name,
                                           hid_t *group, struct att_error *err);
/* Writing attributes: the first failure sticks, later calls do nothing, and
 * the writer looks at the status once. */
struct h5_put {
    hid_t object;
    struct att_error *err;
    att_status status;
};
void att_h5_put_text(struct h5_put *put, const char *name, const char *text);
void att_h5_put_i64(struct h5_put *put, const char *name, int64_t x);
void att_h5_put_f64(struct h5_put *put, const char *name, double x);
void att_h5_put_i8s(struct h5_put *put, const char *name, const int8_t *x,
                    size_t n);

/* Reading attributes, alike: the fallback when one is absent, and after a
 * failure (ATT_E_PARSE: no scalar text, no single number; ATT_E_NOMEM). */
struct h5_get {
    hid_t object;
    struct att_arena *arena; /* of texts */
    struct att_error *err;
    att_status status;
};
const char *att_h5_get_text(struct h5_get *get, const char *name,
                            const char *fallback);
double att_h5_get_f64(struct h5_get *get, const char *name, double fallback);
int64_t att_h5_get_i64(struct h5_get *get, const char *name, int64_t fallback);
bool att_h5_has_attribute(hid_t object, const char *name);

/* ---- text (h5_text.c) ------------------------------------------------- */

/* Variable-length UTF-8; the caller closes it. */
hid_t att_h5_text_type(void);
/* text itself when it is UTF-8, else a copy in arena with '?' for each bad
 * byte; NULL when out of memory. */
const char *att_h5_text_clean(const char *text, struct att_arena *arena);
/* Is name a letter or '_' followed by letters, digits and '_'? */
bool att_h5_text_is_identifier(const char *name);
/* A scalar string dataset; reading back into arena. */
ATT_CHECKED att_status att_h5_text_write(hid_t group, const char *name,
                                         const char *text,
                                         struct att_error *err);
ATT_CHECKED att_status att_h5_text_read(hid_t group, const char *name,
                                        struct att_arena *arena,
                                        const char **text,
                                        struct att_error *err);
/* A string element read by `read`, copied into arena; NULL when it is none. */
struct h5_text_source {
    hid_t id;
    herr_t (*read)(hid_t id, hid_t type, void *out);
};
const char *att_h5_text_copy(hid_t type, hid_t space,
                             struct h5_text_source source,
                             struct att_arena *arena);
