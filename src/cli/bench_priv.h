/* bench_priv.h - the parts of `attest bench`. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "attest/base/folder.h"
#include "folder.h"

enum { REPEATS = 5 };

struct bench {
    char folder[ATT_FOLDER_PATH];
    char self[CLI_PATH]; /* the file of this program */
    int64_t n_tasks, n_rows;
    uint32_t cores;
    json_t *json; /* NULL: print */
};

/* One figure: its value, its unit, and the limit it is compared with. */
struct figure {
    const char *name, *unit;
    double value, limit;
    const char *limit_name; /* NULL: none */
};

void cli_bench_report(struct bench *b, const struct figure *f);

/* Write a study of `spin` with this grid into the folder. */
bool cli_bench_study(const struct bench *b, const char *grid,
                     char path[CLI_PATH]);

/* Run a program (base/child.h) without its output; true for code 0. */
bool cli_bench_child(const char *const *words);

/* This very program as a child: `attest run`, with so many lanes. */
bool cli_bench_run(const struct bench *b, const char *study, const char *run,
                   uint32_t lanes);

/* Seconds between the first grant and the last row, from status.json. */
double cli_bench_elapsed(const char *run);

/* Resume, store and status of a large run; two ranks against one. */
bool cli_bench_scale(struct bench *b);
