/* pager.h - long tables, a screen at a time. */
#pragma once

#include <stdbool.h>

#include "attest/base/buffer.h"

/* Is there somebody to turn pages: is stdout a terminal that is not dumb, and
 * PAGER not "" or "cat"? */
bool cli_can_page(void);

/* Print the text: through $PAGER (default: less -FRX) when it is longer than
 * the screen and cli_can_page(), else as it is. */
void cli_print_pages(const struct att_buffer *text);
