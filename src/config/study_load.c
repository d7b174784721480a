/* study_load.c - a study from a file, against the registered constructions. */
#include <sys/stat.h>

#include "attest/config/study.h"
#include "attest/construction/registry.h"

/* A device or a folder is no study; a pipe may be. */
static att_status check_file(const char *path, struct att_error *err)
{
    static const off_t most = (off_t)16 << 20;
    struct stat s;

    if (stat(path, &s) != 0)
        return att_fail_errno(err, "study '%s'", path);
    if (S_ISDIR(s.st_mode) || S_ISCHR(s.st_mode) || S_ISBLK(s.st_mode))
        return att_fail(err, ATT_E_IO, "study '%s' is not a file", path);
    if (s.st_size > most) {
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
    att_status status = att_file_read(path, &text, err);
    if (status == ATT_OK) {
        source.text = text.data;
        source.n = text.size;
        source.known = att_constructions(&source.n_known);
        status = att_study_parse(&source, file, diagnostics, err);
    }
    att_buffer_fini(&text);
    return status;
}
