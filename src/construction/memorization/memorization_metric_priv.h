/* memorization_metric_priv.h - rows of the metric tables of this family. */
#pragma once

#define MEM_COUNT(name_, unit_, by_, doc_)                                     \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_INTEGER,  \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT,                     \
        .predicted_by = (by_)                                                  \
    }
#define MEM_REAL(name_, unit_, by_, doc_)                                      \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT,                     \
        .predicted_by = (by_)                                                  \
    }
/* Depends on the BLAS's kernels: compared within a factor. */
#define MEM_BLAS(name_, unit_, tolerance_, doc_)                               \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_ROUNDED,                   \
        .tolerance = (tolerance_)                                              \
    }
#define MEM_LAW(name_, unit_, formula_, doc_)                                  \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_PREDICTED, .exactness = ATT_EXACT,                    \
        .formula = (formula_)                                                  \
    }
#define MEM_COUNT_LAW(name_, unit_, formula_, doc_)                            \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_INTEGER,  \
        .role = ATT_ROLE_PREDICTED, .exactness = ATT_EXACT,                    \
        .formula = (formula_)                                                  \
    }
#define MEM_WORD(name_, doc_)                                                  \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_TEXT,         \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT                      \
    }
#define MEM_TIME(name_, doc_)                                                  \
    {                                                                          \
        .name = (name_), .unit = "s", .doc = (doc_), .kind = ATT_REAL,         \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_TIMING                     \
    }
#define MEM_AXIS(name_, doc_)                                                  \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_REAL,         \
        .role = ATT_ROLE_AXIS, .exactness = ATT_EXACT                          \
    }
