/* toy.h - constructions that cost nothing, for tests of the rooms above.
 *
 * toy_one and toy_two take the instances of one problem.  toy_one has a
 * parameter of every type, one that came later (`fresh`, since 2), metrics,
 * and observation axes. */
#pragma once

#include "attest/construction/construction.h"

enum { TOY_N, TOY_L, TOY_DATA, TOY_NOISE, TOY_PROBLEM_PARAMS };
enum {
    TOY_D = TOY_PROBLEM_PARAMS,
    TOY_KEYS,
    TOY_BETA,
    TOY_FILE,
    TOY_FRESH,
    TOY_PARAMS
};

extern const struct att_construction toy_one, toy_two;

/* {&toy_one, &toy_two} */
extern const struct att_construction *const toy_catalogue[2];

/* Slots of a problem that is declared and never run: both refuse. */
att_status toy_generate(struct att_workspace *ws, const struct att_value *p,
                        void **instance, struct att_error *err);
att_status toy_export_instance(const struct att_value *p, const void *instance,
                               struct att_bundle *out, struct att_error *err);
