/* patterns_graphs.c - patterns with two nonzeros per row, rows = edges. */
#include <math.h>

#include "patterns_priv.h"

size_t att_pat_triangular_root(size_t rows)
{
    const size_t n = (size_t)floor(0.5 + sqrt(0.25 + 2.0 * (double)rows));

    return n * (n - 1) / 2 == rows ? n : 0;
}

static void put_edge(const struct pat_maker *m, size_t i, size_t a, size_t b)
{
    if (i < m->n_rows) {
        m->column[2 * i] = (uint32_t)a;
        m->column[2 * i + 1] = (uint32_t)b;
    }
}

static att_status complete_columns(struct pat_maker *m, struct att_error *err)
{
    size_t i = 0;

    (void)err;
    for (size_t a = 0; a < m->n_cols; a++) {
        for (size_t b = a + 1; b < m->n_cols; b++)
            put_edge(m, i++, a, b);
    }
    return ATT_OK;
}

/* An Apollonian network: vertex v goes into a random face (its two sides
 * count) and is joined to its three corners. */
static att_status planar_columns(struct pat_maker *m, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(m->ws->arena);
    const struct att_stream s = att_instance_stream(m->ws, PAT_FACE, 0, 0);
    uint32_t(*face)[3] =
        att_arena_alloc(m->ws->arena, 2 * m->n_cols + 2, sizeof *face);
    size_t n_faces = 2;

    if (face == NULL)
        return att_arena_fail(m->ws->arena, "the faces", err);
    for (size_t c = 0; c < 3; c++)
        face[0][c] = face[1][c] = (uint32_t)c;
    put_edge(m, 0, 0, 1);
    put_edge(m, 1, 0, 2);
    put_edge(m, 2, 1, 2);
    for (size_t v = 3; v < m->n_cols; v++) {
        uint32_t *f = face[att_stream_below(&s, v, (uint32_t)n_faces)];
        const uint32_t a = f[0];
        const uint32_t b = f[1];
        const uint32_t c = f[2];

        for (size_t e = 0; e < 3; e++)
            put_edge(m, 3 * v - 6 + e, f[e], v);
        f[2] = (uint32_t)v;
        face[n_faces][0] = a;
        face[n_faces][1] = c;
        face[n_faces][2] = (uint32_t)v;
        face[n_faces + 1][0] = b;
        face[n_faces + 1][1] = c;
        face[n_faces + 1][2] = (uint32_t)v;
        n_faces += 2;
    }
    att_arena_rewind(m->ws->arena, mark);
    return ATT_OK;
}

static att_status hamiltonian_columns(struct pat_maker *m,
                                      struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(m->ws->arena);
    uint32_t *perm = ATT_NEW(m->ws->arena, uint32_t, m->n_cols);

    if (perm == NULL)
        return att_arena_fail(m->ws->arena, "a cycle", err);
    att_pat_shuffle(m->ws, 0, m->n_cols, perm);
    for (size_t i = 0; i < m->n_rows; i++)
        put_edge(m, i, perm[i], perm[(i + 1) % m->n_cols]);
    att_arena_rewind(m->ws->arena, mark);
    return ATT_OK;
}

static att_status triangles_columns(struct pat_maker *m, struct att_error *err)
{
    (void)err;
    for (size_t i = 0; i < m->n_rows; i++)
        put_edge(m, i, i, i % 3 == 2 ? i - 2 : i + 1);
    return ATT_OK;
}

const struct pat_kind att_pat_graph_kinds[] = {
    {"complete", 2, NULL, complete_columns},
    {"planar", 2, NULL, planar_columns},
    {"hamiltonian", 2, NULL, hamiltonian_columns},
    {"triangles", 2, NULL, triangles_columns},
    {NULL, 0, NULL, NULL},
};
