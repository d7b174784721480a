#include "signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void fill(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGUSR1);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGHUP);
}

bool cli_signals_open(struct cli_signals *s)
{
    sigset_t set;

    *s = (struct cli_signals){.descriptor = -1};
    fill(&set);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return false;
    s->descriptor = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return s->descriptor >= 0;
}

void cli_signals_close(struct cli_signals *s)
{
    if (s->descriptor >= 0)
        (void)close(s->descriptor);
    s->descriptor = -1;
}

static void take(struct cli_signals *s, int number)
{
    const bool drain =
        number == SIGUSR1 || (number == SIGINT && s->interrupts++ == 0);

    if (drain && s->control == ATT_CONTROL_RUN)
        s->control = ATT_CONTROL_DRAIN;
    if (!drain) {
        s->control = ATT_CONTROL_QUIT;
        s->ended_by = number;
    }
}

enum att_control cli_signals_poll(struct cli_signals *s)
{
    struct signalfd_siginfo info;

    while (s->descriptor >= 0 &&
           read(s->descriptor, &info, sizeof info) == (ssize_t)sizeof info)
        take(s, (int)info.ssi_signo);
    return s->control;
}
