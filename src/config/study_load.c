/* study_load.c - a study from a file, against the registered constructions. */
#include <sys/stat.h>

#include "attest/config/study.h"
#include "attest/construction/registry.h"

enum { MOST_BYTES = 16 << 20 };

/* A device or a folder is no study; a pipe may be. */
static att_status check_file(const char *path, struct att_error *err)
{
    struct stat s;

    if (stat(path, &s) != 0)
        return att_fail_errno(err, "study '%s'", path);
    if (S_ISDIR(s.st_mode)) {
        return att_fail(err, ATT_E_IO,
                        "'%s' is a folder, and no run folder: there is no "
                        "study.yaml in it",
                        path);
    }
    if (S_ISCHR(s.st_mode) || S_ISBLK(s.st_mode))
        return att_fail(err, ATT_E_IO, "study '%s' is not a file", path);
    if (s.st_size > MOST_BYTES) {
        return att_fail(err, ATT_E_PARSE, "%s is larger than 16 MiB: no study",
                        path);
    }
    return ATT_OK;
}

att_status att_study_load(const char *path, struct att_study_file **file,
                          struct att_buffer *diagnostics, struct att_error *err)
{
    struct att_buffer text = {0};
    struct att_study_source source = {.path = path};

    ATT_TRY(check_file(path, err));
    att_status status = att_file_read_upto(path, MOST_BYTES + 1, &text, err);
    if (status == ATT_OK) {
        source.text = text.data;
        source.n = text.size;
        source.known = att_constructions(&source.n_known);
        status = att_study_parse(&source, file, diagnostics, err);
    }
    att_buffer_fini(&text);
    return status;
}
