/* averaging_laws_priv.h - judges of the unit of fixed precision. */
#pragma once

#include "averaging_pass_priv.h"

/* Queries in double, and the softmax whose scale the theorem gives. */
bool att_avg_is_plain(const struct att_row_view *row);
bool att_avg_is_theorem(const struct att_row_view *row);
/* A dual that keeps the margin on every set, where it succeeds. */
bool att_avg_is_corrected(const struct att_row_view *row);

void att_avg_judge_width_law(const struct att_rows *rows,
                             struct att_finding *f);
void att_avg_judge_m_law(const struct att_rows *rows, struct att_finding *f);
void att_avg_judge_m_pred(const struct att_rows *rows, struct att_finding *f);
void att_avg_judge_routing(const struct att_rows *rows, struct att_finding *f);
void att_avg_judge_phase(const struct att_rows *rows, struct att_finding *f);
void att_avg_judge_adversarial(const struct att_rows *rows,
                               struct att_finding *f);
void att_avg_judge_face(const struct att_rows *rows, struct att_finding *f);

/* averaging_size.c: the size table, over constructions of the family. */
void att_avg_judge_size(const struct att_rows *rows, struct att_finding *f);
