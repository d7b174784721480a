/* hardmax_judge_priv.h - how a judge reads its one row. */
#pragma once

#include <math.h>
#include <stdio.h>

#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "hardmax_claims_priv.h"

static inline const struct att_value *metric(const struct att_rows *rows,
                                             uint32_t m)
{
    return &rows->row[0].metric[m];
}

static inline int64_t count_of(const struct att_rows *rows, uint32_t m)
{
    return metric(rows, m)->i;
}

/* A refused row, or a column that was not computed: not applicable. */
static inline bool applies(const struct att_rows *rows, const uint32_t *columns,
                           size_t n, struct att_finding *f)
{
    att_finding_blank(f);
    if (!att_row_has(rows->row, HM_M_BLOCKS))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!att_row_has(rows->row, columns[i]))
            return false;
    }
    return true;
}

#define APPLIES(rows, f, ...)                                                  \
    applies(rows, (const uint32_t[]){__VA_ARGS__},                             \
            sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), f)

static inline const char *text_of(const struct att_rows *rows, uint32_t m)
{
    return att_row_has(rows->row, m) ? metric(rows, m)->s : "";
}

static inline const char *choice(const struct att_rows *rows, uint32_t param)
{
    return rows->row[0].param[param].s;
}
