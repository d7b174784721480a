/* coordinator_priv.h - what rank 0 knows, and the steps between its files. */
#pragma once

#include "attest/comm/coordinator.h"

struct peer {
    struct att_comm_peer about;
    struct att_comm_lane *lane; /* about.n_lanes, as of the last heartbeat */
    double heard_s;             /* on the clock of attention */
    double sent_s;              /* when we last sent to it */
    bool hello;                 /* it is a member of the schedule */
    bool reset;                 /* it was told to start again */
    bool waits;                 /* it is to be served this turn */
};

/* A row of this turn, and who sent it. */
struct arrival {
    uint32_t from;
    uint32_t lane;
};

enum { PENDING_ROWS = 4096, PENDING_BYTES = 4 << 20 };

struct pending {
    struct att_comm_row row[PENDING_ROWS];
    struct arrival arrival[PENDING_ROWS];
    size_t n;
    struct att_post messages; /* that hold the rows */
    size_t n_bytes;
};

enum phase { RUNS, STOPS, ENDED };

struct att_coordinator {
    struct att_coordinator_options o;
    struct peer *peer; /* n_peers = size of the link */
    uint32_t n_peers, n_lost;
    struct pending *pending;
    struct att_grant *grant; /* ATT_SCHEDULE_GRANT */
    struct att_buffer out;
    enum phase phase;
    enum att_comm_end end;
    bool draining, clean;
    double started_s, now;
    double attention_s;             /* seconds that we were there to listen */
    double tick_s, sweep_s, hope_s; /* when next */
    double drain_until_s, stop_until_s;
    double finished_s, said_s; /* last end of a unit; last line about lanes */
    struct att_comm_peer *peer_view; /* n_peers, for progress */
    struct att_comm_lane *lane_view; /* n_lane_view of lane_view_room */
    size_t n_lane_view, lane_view_room;
};

/* rows.c: keep what came, count it. */
ATT_CHECKED att_status att_coordinator_rows(struct att_coordinator *c,
                                            uint32_t from,
                                            const struct att_wire_message *m,
                                            struct att_buffer *bytes,
                                            struct att_error *err);
ATT_CHECKED att_status att_coordinator_flush(struct att_coordinator *c,
                                             struct att_error *err);

/* losses.c: units and ranks that did not come back. */
ATT_CHECKED att_status att_coordinator_lost_unit(
    struct att_coordinator *c, uint32_t from, const struct att_wire_message *m,
    struct att_error *err);
ATT_CHECKED att_status att_coordinator_lose(struct att_coordinator *c,
                                            uint32_t rank, const char *why,
                                            struct att_error *err);

/* members.c: who arrives, lives, and leaves. */
ATT_CHECKED att_status att_coordinator_hello(struct att_coordinator *c,
                                             uint32_t from,
                                             const struct att_wire_message *m,
                                             struct att_error *err);
ATT_CHECKED att_status att_coordinator_heartbeat(
    struct att_coordinator *c, uint32_t from, const struct att_wire_message *m,
    struct att_error *err);
ATT_CHECKED att_status att_coordinator_bye(struct att_coordinator *c,
                                           uint32_t from,
                                           const struct att_wire_message *m,
                                           struct att_error *err);
ATT_CHECKED att_status att_coordinator_refuse(struct att_coordinator *c,
                                              uint32_t rank, const char *why,
                                              struct att_error *err);
/* Ping the quiet, give up the silent. */
ATT_CHECKED att_status att_coordinator_watch(struct att_coordinator *c,
                                             struct att_error *err);

/* progress.c: what is told about once a second. */
ATT_CHECKED att_status att_coordinator_tick(struct att_coordinator *c,
                                            struct att_error *err);

/* coordinator.c: send a message begun in c->out, or one without entries, or
 * one with a word. */
ATT_CHECKED att_status att_coordinator_send(struct att_coordinator *c,
                                            uint32_t to, struct att_error *err);
ATT_CHECKED att_status att_coordinator_send_empty(struct att_coordinator *c,
                                                  uint32_t to,
                                                  enum att_wire_kind kind,
                                                  struct att_error *err);
ATT_CHECKED att_status att_coordinator_send_word(struct att_coordinator *c,
                                                 uint32_t to,
                                                 enum att_wire_kind kind,
                                                 uint64_t word,
                                                 struct att_error *err);
