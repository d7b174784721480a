/* utf8_priv.h - text that every reader accepts. */
#pragma once

#include <stdbool.h>

/* Is text well-formed UTF-8?  Readers refuse whole files for one bad byte. */
bool att_utf8_is_valid(const char *text);
/* Put '?' in the place of each byte that is not. */
void att_utf8_clean(char *text);
/* The same, and no control characters: what stands in a cell is printed, and no
 * terminal is to obey a file.  White space becomes ' ', the others '?'. */
void att_utf8_clean_cell(char *text);
