/* fuzz_matrix.c - any bytes as a matrix in Matrix Market's format.
 *
 * A refusal says where; an accepted matrix has what its header promises: no
 * empty row, at most `most` nonzeros in each, columns inside, values finite. */
#include <math.h>
#include <string.h>

#include "attest/problem/patterns.h"
#include "fuzz.h"

enum { MOST = 16 };

static void check_matrix(const struct att_pattern *p)
{
    for (size_t i = 0; i < p->n_rows; i++) {
        const size_t first = p->first[i], last = p->first[i + 1];

        FUZZ_CHECK(first < last && last - first <= MOST);
        for (size_t k = first; k < last; k++) {
            FUZZ_CHECK(p->column[k] < p->n_cols);
            FUZZ_CHECK(p->lam == NULL ||
                       (isfinite(p->lam[k]) && p->lam[k] >= 0));
        }
    }
    FUZZ_CHECK(p->nnz == p->first[p->n_rows] && p->k_row <= MOST);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct att_input_file file = {"fuzz.mtx", bytes, n};
    struct att_arena *const arena = att_arena_create((uint64_t)64 << 20);
    struct att_pattern pattern;
    struct att_error err = {0};

    FUZZ_CHECK(arena != NULL);
    if (att_pattern_read(&file, MOST, arena, &pattern, &err) == ATT_OK) {
        check_matrix(&pattern);
    } else {
        FUZZ_CHECK(strncmp(err.text, "fuzz.mtx", 8) == 0 ||
                   err.status == ATT_E_NOMEM);
    }
    att_arena_destroy(arena);
    return 0;
}
