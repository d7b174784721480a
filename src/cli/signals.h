/* signals.h - signals read as events, so that no handler runs anywhere.
 *
 * USR1 and the first INT ask for a drain; TERM, HUP and a second INT end the
 * run at once.  Signals are blocked, and arrive through a descriptor that the
 * coordinator polls.  They stay blocked to the end of the process: launchers
 * send TERM twice, and the second one must not cut the last write short. */
#pragma once

#include "attest/comm/comm.h"

struct cli_signals {
    int descriptor; /* -1: not open */
    int interrupts; /* INTs so far */
    int ended_by;   /* signal that ends the run; 0: none */
    enum att_control control;
};

/* Block the signals and open the descriptor.  Before threads and forks.
 * False when the system refuses. */
bool cli_signals_open(struct cli_signals *s);
void cli_signals_close(struct cli_signals *s);

/* What the signals that have come so far ask for. */
enum att_control cli_signals_poll(struct cli_signals *s);
