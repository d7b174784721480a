#include "attest/base/workspace.h"

#include "attest/base/text.h"

static void quiet_progress(void *context, const char *phase, double done)
{
    (void)context;
    (void)phase;
    (void)done;
}

static void quiet_checkpoint(void *context, const void *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    (void)n;
}

void att_workspace_init(struct att_workspace *ws, struct att_arena *arena,
                        uint64_t instance_seed, uint64_t builder_seed)
{
    *ws = (struct att_workspace){
        .arena = arena,
        .instance_seed = instance_seed,
        .builder_seed = builder_seed,
        .progress = quiet_progress,
        .checkpoint = quiet_checkpoint,
    };
}

struct att_stream att_instance_stream(const struct att_workspace *ws,
                                      uint32_t tag, uint32_t step,
                                      uint32_t item)
{
    return att_stream(ws->instance_seed, tag, step, item);
}

struct att_stream att_builder_stream(const struct att_workspace *ws,
                                     uint32_t tag, uint32_t step, uint32_t item)
{
    return att_stream(ws->builder_seed, tag, step, item);
}

att_status att_workspace_file(const struct att_workspace *ws, const char *path,
                              const struct att_input_file **file,
                              struct att_error *err)
{
    for (size_t i = 0; i < ws->n_files; i++) {
        if (att_text_same(ws->files[i].path, path)) {
            *file = &ws->files[i];
            return ATT_OK;
        }
    }
    return att_fail(err, ATT_E_ARG, "file '%s' was not read", path);
}
