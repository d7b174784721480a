/* code_ids_priv.h - the table that cmake/code_ids.cmake writes. */
#pragma once

struct att_code_id {
    const char *construction; /* NULL ends the table */
    const char *code_id;      /* 16 hex digits */
};

extern const struct att_code_id att_code_ids[];
