/* averaging_paper_priv.h - the paper behind sparse averaging and matching. */
#pragma once

#define SANFORD_SOURCE                                                         \
    "Sanford, Hsu, Telgarsky 2023, arXiv 2306.02896 (reconstruction)"
#define SANFORD_BIBTEX                                                         \
    "@inproceedings{sanford2023representational,\n"                            \
    "  author = {Clayton Sanford and Daniel Hsu and Matus Telgarsky},\n"       \
    "  title = {Representational Strengths and Limitations of "                \
    "Transformers},\n"                                                         \
    "  booktitle = {Advances in Neural Information Processing Systems},\n"     \
    "  year = {2023},\n"                                                       \
    "  note = {arXiv:2306.02896}\n"                                            \
    "}\n"
