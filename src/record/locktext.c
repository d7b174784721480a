/* locktext.c - the lock file as text that people can read, too. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lock_priv.h"

static const char FIRST_LINE[] = "attest-lock 1";

enum field_kind { FIELD_TEXT, FIELD_NUMBER, FIELD_TIME };

/* The lines behind state and epoch. */
static const struct field {
    const char *name;
    enum field_kind kind;
    size_t offset; /* in struct att_lock_info */
} FIELD[] = {
    {"host", FIELD_TEXT, offsetof(struct att_lock_info, holder.host)},
    {"space", FIELD_TEXT, offsetof(struct att_lock_info, holder.space)},
    {"pid", FIELD_NUMBER, offsetof(struct att_lock_info, holder.pid)},
    {"start", FIELD_NUMBER, offsetof(struct att_lock_info, holder.start_ticks)},
    {"cluster", FIELD_TEXT, offsetof(struct att_lock_info, holder.cluster)},
    {"job", FIELD_NUMBER, offsetof(struct att_lock_info, holder.job)},
    {"step", FIELD_NUMBER, offsetof(struct att_lock_info, holder.step)},
    {"restart", FIELD_NUMBER, offsetof(struct att_lock_info, holder.restart)},
    {"token", FIELD_NUMBER, offsetof(struct att_lock_info, token)},
    {"since", FIELD_TIME, offsetof(struct att_lock_info, since)},
};

enum { N_FIELDS = sizeof FIELD / sizeof FIELD[0] };

_Static_assert(LOCK_STATE_AT == sizeof FIRST_LINE + sizeof "state " - 1 &&
                   LOCK_EPOCH_AT == LOCK_STATE_AT + LOCK_STATE_WIDTH + 1 +
                                        sizeof "epoch " - 1,
               "the places of the fields that are changed in place");

static void put_field(const struct field *f, const struct att_lock_info *info,
                      struct att_buffer *out)
{
    const char *const at = (const char *)info + f->offset;
    uint64_t number = 0;
    double time = 0;

    att_buffer_printf(out, "%s ", f->name);
    switch (f->kind) {
    case FIELD_TEXT:
        att_buffer_text(out, at);
        break;
    case FIELD_NUMBER:
        memcpy(&number, at, sizeof number);
        att_buffer_printf(out, "%" PRIu64, number);
        break;
    case FIELD_TIME:
        memcpy(&time, at, sizeof time);
        att_buffer_printf(out, "%.3f", time);
        break;
    }
    att_buffer_text(out, "\n");
}

void att_lock_format(const struct att_lock_info *info, struct att_buffer *out)
{
    att_buffer_printf(out, "%s\nstate %s\nepoch %0*" PRIu64 "\n", FIRST_LINE,
                      info->held ? "held" : "free", LOCK_EPOCH_WIDTH,
                      info->epoch);
    for (size_t i = 0; i < N_FIELDS; i++)
        put_field(&FIELD[i], info, out);
}

/* The value of a line "name value", or NULL when it has another name. */
static const char *value_of(const char *line, const char *name)
{
    const size_t n = strlen(name);

    return strncmp(line, name, n) == 0 && line[n] == ' ' ? line + n + 1 : NULL;
}

static void get_field(const struct field *f, const char *value,
                      struct att_lock_info *info)
{
    char *const at = (char *)info + f->offset;
    const size_t n = strcspn(value, "\n");
    const uint64_t number = strtoull(value, NULL, 10);
    const double time = strtod(value, NULL);

    switch (f->kind) {
    case FIELD_TEXT:
        (void)snprintf(at, ATT_LOCK_TEXT, "%.*s", (int)(n < 999 ? n : 999),
                       value);
        break;
    case FIELD_NUMBER:
        memcpy(at, &number, sizeof number);
        break;
    case FIELD_TIME:
        memcpy(at, &time, sizeof time);
        break;
    }
}

static void get_line(const char *line, struct att_lock_info *info)
{
    for (size_t i = 0; i < N_FIELDS; i++) {
        const char *const value = value_of(line, FIELD[i].name);

        if (value != NULL)
            get_field(&FIELD[i], value, info);
    }
}

bool att_lock_parse(const char *text, struct att_lock_info *info)
{
    *info = (struct att_lock_info){0};
    if (strncmp(text, FIRST_LINE, sizeof FIRST_LINE - 1) != 0 ||
        strlen(text) < LOCK_EPOCH_AT + LOCK_EPOCH_WIDTH)
        return false;
    info->held = strncmp(text + LOCK_STATE_AT, "held", LOCK_STATE_WIDTH) == 0;
    info->epoch = strtoull(text + LOCK_EPOCH_AT, NULL, 10);
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        get_line(line, info);
    }
    return true;
}

void att_holder_describe(const struct att_lock_holder *h,
                         struct att_buffer *out)
{
    att_buffer_printf(out, "host %s, pid %" PRId64, h->host, h->pid);
    if (h->job == 0)
        return;
    att_buffer_printf(out, ", Slurm job %" PRIu64, h->job);
    if (h->restart > 0)
        att_buffer_printf(out, " (restart %" PRIu64 ")", h->restart);
}
