/* run_priv.h - the oracle of each element type, behind one signature. */
#pragma once

#include "attest/model/run.h"

/* What all layers of one run share. */
struct att_run {
    const struct att_model *model;
    const struct att_arithmetic *arithmetic;
    struct att_arena *arena;
    struct att_shape in, out; /* of the whole model */
    size_t largest;           /* most numbers between any two layers */
    struct att_error *err;
};

/* Fail with the number and kind of the layer before the reason. */
att_status att_run_name_layer(const struct att_run *run, size_t k,
                              att_status status, const struct att_error *inner);

/* Fill out [out.rows, out.cols] from tokens [in.rows, in.cols]; shapes have
 * been checked. */
typedef att_status att_run_fn(const struct att_run *run, struct att_mat tokens,
                              struct att_mat out);

att_run_fn att_run_f64, att_run_f32, att_run_long, att_run_rounded;
