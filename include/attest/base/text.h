/* text.h - comparing and searching names. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

bool att_text_same(const char *a, const char *b); /* NULL only equals NULL */
bool att_text_starts(const char *text, const char *prefix);

/* The next word of a list whose words are parted by any of `gaps`: copied, cut
 * to size - 1 bytes, and *at goes behind it.  False at the end of the list; a
 * NULL list has none. */
bool att_text_word(const char **at, const char *gaps, char *word, size_t size);

/* Which of the names, whose list ends with NULL, the word is: an enumerator of
 * a choice.  The last one where it is none of them. */
int att_text_choice(const char *word, const char *const *names);

/* The name that a person most likely meant: smallest edit distance (a swap of
 * neighbours counts one), ties by order; NULL when none is closer than half
 * of the word's length (at least 1, at most 3 edits), or when nothing of the
 * word would stay ("q" is not near "N", "n" is).  names may hold NULL entries,
 * which are skipped. */
const char *att_text_nearest(const char *word, const char *const *names,
                             size_t n);
