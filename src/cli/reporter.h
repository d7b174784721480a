/* reporter.h - tells people and status.json how a run goes.
 *
 * On a terminal one live line on stderr; otherwise a plain line every 30 s,
 * as Slurm logs want it.  DIR/status.json is replaced about once a second
 * (every 5 s on a network file system) and never synced: it is for reading
 * along, the journal is the record. */
#pragma once

#include "attest/comm/comm.h"
#include "session.h"

enum cli_progress {
    CLI_PROGRESS_AUTO,
    CLI_PROGRESS_LIVE,
    CLI_PROGRESS_PLAIN,
    CLI_PROGRESS_NONE
};

/* How a run stands or ended, as scripts read it from status.json. */
enum cli_run_state {
    CLI_STATE_RUNNING,
    CLI_STATE_FINISHED,
    CLI_STATE_DRAINED,
    CLI_STATE_ENDED, /* by a signal */
    CLI_STATE_TROUBLE
};

struct cli_reporter {
    const struct cli_session *session;
    const char *status_path; /* DIR/status.json */
    const char *run_dir;
    enum cli_progress mode;
    double started;        /* wall clock */
    double status_every_s; /* between replacements of status.json */
    double next_status, next_line;
    size_t shown; /* width of the live line on the terminal */
    uint64_t n_journal_bytes;
};

/* dir and session are borrowed.  Decides the mode when it is AUTO. */
void cli_reporter_init(struct cli_reporter *r,
                       const struct cli_session *session, const char *dir,
                       const char *status_path, enum cli_progress mode);

/* The tick of a run: a line when it is time, a status file when it is time. */
void cli_reporter_tick(struct cli_reporter *r,
                       const struct att_progress *progress);

/* "done 124/2000, 3 failed, ETA 3 min": for a line of squeue.  Appends. */
void cli_progress_text(const struct att_progress *progress,
                       struct att_buffer *out);

/* The last word: clears the live line, writes status.json with the outcome. */
void cli_reporter_end(struct cli_reporter *r,
                      const struct att_progress *progress,
                      enum cli_run_state state, int exit_code);
