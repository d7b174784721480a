/* make_specimen.c - files for the programs of other people.
 *
 *     make_specimen make DIR     DIR/run (with results.h5), DIR/model.h5
 *     make_specimen open FILE    0 when attest reads it whole, else 1 and why
 *     make_specimen model FILE   the same of a model */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/store/dataset.h"
#include "attest/store/model_file.h"
#include "specimen.h"

static att_status make_model(const char *path, struct att_error *err)
{
    static const double tokens[] = {1, 2, 3, 4, 5, 6};
    static const int64_t offsets[] = {0, 2};
    const struct att_model_label label = {"alpha", "0123abcd", "N=2 d=3"};
    struct att_arena *arena = att_arena_create(0);
    struct att_artifact a;

    att_artifact_init(&a, arena);
    a.atol = 1e-12;
    a.tolerance_reason = "one sum";
    att_bundle_f64(&a.instance, "tokens", tokens, 2, 3);
    att_bundle_i64(&a.instance, "offsets", offsets, 2);
    att_bundle_f64(&a.expected, "outputs", tokens, 2, 3);

    struct att_layer *l = att_model_add(&a.model, ATT_LAYER_FEED_FORWARD);

    att_bundle_f64(&l->tensors, "W1", tokens, 3, 2);
    att_layer_text(l, "activation", "relu");
    att_layer_parameter(l, "residual", 1);

    const att_status status = att_model_file_write(path, &a, &label, err);

    att_arena_destroy(arena);
    return status;
}

static att_status make(const char *dir, struct att_error *err)
{
    const struct specimen_options options = {
        .skip_every = 5, .fail_every = 7, .start_time = 1000};
    char path[512];

    (void)snprintf(path, sizeof path, "%s/run", dir);
    specimen_write(path, specimen_study, &options);
    specimen_store(path);
    (void)snprintf(path, sizeof path, "%s/model.h5", dir);
    return make_model(path, err);
}

/* Everything that a command could touch; the numbers are not looked at. */
static att_status open_store(const char *path, struct att_error *err)
{
    struct att_dataset *ds = NULL;
    const struct att_frame *claims = NULL;

    ATT_TRY(att_dataset_open(path, &ds, err));

    att_status status = att_dataset_claims(ds, &claims, err);

    for (uint32_t s = 0; s < att_dataset_n_sweeps(ds) && status == ATT_OK;
         s++) {
        const struct att_table *table = NULL;

        status = att_dataset_load(ds, s, true, &table, err);
    }
    att_dataset_close(ds);
    return status;
}

static att_status open_model(const char *path, struct att_error *err)
{
    struct att_arena *arena = att_arena_create(0);
    struct att_artifact a;
    struct att_model_label label;
    const att_status status = att_model_file_read(path, arena, &a, &label, err);

    att_arena_destroy(arena);
    return status;
}

int main(int argc, char **argv)
{
    struct att_error err = {0};
    att_status status = ATT_E_ARG;

    if (argc == 3 && strcmp(argv[1], "make") == 0) {
        status = make(argv[2], &err);
    } else if (argc == 3 && strcmp(argv[1], "open") == 0) {
        status = open_store(argv[2], &err);
    } else if (argc == 3 && strcmp(argv[1], "model") == 0) {
        status = open_model(argv[2], &err);
    }
    if (status != ATT_OK)
        (void)fprintf(stderr, "make_specimen: %s\n", err.text);
    return status == ATT_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
