/* fake_rows.h - a sweep in memory, as a store or a journal would give it. */
#pragma once

#include <math.h>
#include <string.h>

#include "attest/store/table.h"

enum {
    F_TASK,
    F_KEY,
    F_N,
    F_MODE,
    F_REPLICATE,
    F_Y,
    F_PREDICTED,
    F_CLAIM,
    F_STATUS,
    N_FAKE_FIELDS
};
enum { MAX_FAKE_ROWS = 64 };

static const struct att_field FAKE_FIELDS[N_FAKE_FIELDS] = {
    [F_TASK] = {.name = "task",
                .role = ATT_FIELD_TASK,
                .type = ATT_CELL_I64,
                .kind = ATT_INTEGER},
    [F_KEY] = {.name = "key",
               .role = ATT_FIELD_KEY,
               .type = ATT_CELL_TEXT,
               .kind = ATT_TEXT},
    [F_N] = {.name = "N",
             .unit = "1",
             .role = ATT_FIELD_PARAMETER,
             .type = ATT_CELL_I64,
             .kind = ATT_INTEGER},
    [F_MODE] = {.name = "mode",
                .unit = "1",
                .role = ATT_FIELD_PARAMETER,
                .type = ATT_CELL_TEXT,
                .kind = ATT_TEXT},
    [F_REPLICATE] = {.name = "replicate",
                     .role = ATT_FIELD_REPLICATE,
                     .type = ATT_CELL_I64,
                     .kind = ATT_INTEGER},
    [F_Y] = {.name = "y",
             .unit = "bit",
             .role = ATT_FIELD_METRIC,
             .type = ATT_CELL_F64,
             .kind = ATT_REAL,
             .predicted_by = "y_pred"},
    [F_PREDICTED] = {.name = "y_pred",
                     .unit = "bit",
                     .role = ATT_FIELD_METRIC,
                     .type = ATT_CELL_F64,
                     .kind = ATT_REAL},
    [F_CLAIM] = {.name = "claim_fake",
                 .id = "fake",
                 .role = ATT_FIELD_CLAIM,
                 .type = ATT_CELL_I8,
                 .kind = ATT_INTEGER},
    [F_STATUS] = {.name = "status",
                  .role = ATT_FIELD_STATUS,
                  .type = ATT_CELL_I8,
                  .kind = ATT_INTEGER},
};

struct fake_rows {
    int64_t task[MAX_FAKE_ROWS], N[MAX_FAKE_ROWS], replicate[MAX_FAKE_ROWS];
    const char *key[MAX_FAKE_ROWS], *mode[MAX_FAKE_ROWS];
    double y[MAX_FAKE_ROWS], predicted[MAX_FAKE_ROWS];
    int8_t claim[MAX_FAKE_ROWS], status[MAX_FAKE_ROWS];
    size_t all[MAX_FAKE_ROWS]; /* 0, 1, 2, ... */
    union att_cells cells[N_FAKE_FIELDS];
    struct att_table table;
};

static inline void begin_rows(struct fake_rows *f)
{
    memset(f, 0, sizeof *f);
    f->cells[F_TASK].integer = f->task;
    f->cells[F_KEY].text = f->key;
    f->cells[F_N].integer = f->N;
    f->cells[F_MODE].text = f->mode;
    f->cells[F_REPLICATE].integer = f->replicate;
    f->cells[F_Y].real = f->y;
    f->cells[F_PREDICTED].real = f->predicted;
    f->cells[F_CLAIM].tiny = f->claim;
    f->cells[F_STATUS].tiny = f->status;
    f->table = (struct att_table){
        .name = "fake",
        .rows = {FAKE_FIELDS, f->cells, N_FAKE_FIELDS, 0},
        .task = F_TASK,
        .key = F_KEY,
        .replicate = F_REPLICATE,
        .status = F_STATUS,
    };
}

static inline void add_fake(struct fake_rows *f, int64_t N, const char *mode,
                            int64_t replicate, double y,
                            enum att_outcome_status status)
{
    const size_t i = f->table.rows.n++;

    f->all[i] = i;
    f->task[i] = (int64_t)i;
    f->key[i] = "0123456789abcdef0123456789abcdef";
    f->N[i] = N;
    f->mode[i] = mode;
    f->replicate[i] = replicate;
    f->y[i] = status == ATT_DONE ? y : (double)NAN;
    f->predicted[i] = 2 * log2((double)N);
    f->claim[i] = ATT_HOLDS;
    f->status[i] = (int8_t)status;
}
