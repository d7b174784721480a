/* test_child.c - other programs. */
#include "attest/base/child.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static const struct att_child SILENT = {
    .in = ATT_CHILD_NULL, .out = ATT_CHILD_NULL, .err = ATT_CHILD_NULL};

/* Start a shell that does so, with the streams of `like`. */
static pid_t shell(const struct att_child *like, const char *script)
{
    const char *const words[] = {"sh", "-c", script, NULL};
    struct att_child child = *like;
    pid_t pid = 0;

    child.words = words;
    CU_ASSERT_EQUAL_FATAL(att_child_start(&child, &pid, NULL), ATT_OK);
    return pid;
}

static void a_child_says_how_it_ended(void)
{
    static const struct {
        const char *script;
        int code;
    } cases[] = {{"exit 0", 0},
                 {"exit 7", 7},
                 {"exit 127", 127},
                 {"kill -KILL $$", ATT_CHILD_SIGNAL + SIGKILL},
                 {"kill -TERM $$", ATT_CHILD_SIGNAL + SIGTERM}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_EQUAL(att_child_wait(shell(&SILENT, cases[i].script)),
                        cases[i].code);
}

static void a_child_is_over_when_it_has_ended(void)
{
    int script[2];
    int code = -2;

    CU_ASSERT_EQUAL_FATAL(pipe2(script, O_CLOEXEC), 0);

    struct att_child reader = SILENT;

    reader.in = script[0]; /* read blocks until the pipe is closed */

    const pid_t pid = shell(&reader, "read line; exit 5");

    CU_ASSERT_FALSE(att_child_over(pid, &code));
    CU_ASSERT_EQUAL(code, -2);
    CU_ASSERT_EQUAL(write(script[1], "\n", 1), 1);
    CU_ASSERT_EQUAL(waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT), 0);
    CU_ASSERT_TRUE(att_child_over(pid, &code));
    CU_ASSERT_EQUAL(code, 5);
    CU_ASSERT_TRUE(att_child_over(pid, &code)); /* nobody's child any more */
    CU_ASSERT_EQUAL(code, -1);
    CU_ASSERT_EQUAL(att_child_wait(pid), -1);
    (void)close(script[0]);
    (void)close(script[1]);
}

static void a_killed_child_is_gone(void)
{
    const pid_t pid = shell(&SILENT, "sleep 1000");
    int code = 0;

    att_child_kill(pid);
    CU_ASSERT_TRUE(att_child_over(pid, &code));
    CU_ASSERT_EQUAL(code, -1);
}

/* What a file in memory holds. */
static const char *text_of(int file, char text[64])
{
    const ssize_t n = pread(file, text, 63, 0);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void each_stream_goes_where_it_was_sent(void)
{
    char text[64];
    struct att_child child = {.in = memfd_create("in", MFD_CLOEXEC),
                              .out = memfd_create("out", MFD_CLOEXEC),
                              .err = memfd_create("err", MFD_CLOEXEC)};

    CU_ASSERT_EQUAL_FATAL(write(child.in, "said\n", 5), 5);
    CU_ASSERT_EQUAL_FATAL(lseek(child.in, 0, SEEK_SET), 0);
    CU_ASSERT_EQUAL(
        att_child_wait(shell(&child, "read x; echo out $x; echo err $x >&2")),
        0);
    CU_ASSERT_STRING_EQUAL(text_of(child.out, text), "out said\n");
    CU_ASSERT_STRING_EQUAL(text_of(child.err, text), "err said\n");
    (void)close(child.in);
    (void)close(child.out);
    (void)close(child.err);
}

static void no_stream_reads_nothing(void)
{
    struct att_child child = SILENT;
    char text[64];

    child.out = memfd_create("out", MFD_CLOEXEC);
    CU_ASSERT_EQUAL(
        att_child_wait(shell(&child, "read x || echo end; echo lost >&2")), 0);
    CU_ASSERT_STRING_EQUAL(text_of(child.out, text), "end\n");
    (void)close(child.out);
}

static void blocked_signals_reach_a_child(void)
{
    sigset_t term, before;

    (void)sigemptyset(&term);
    (void)sigaddset(&term, SIGTERM);
    CU_ASSERT_EQUAL_FATAL(sigprocmask(SIG_BLOCK, &term, &before), 0);
    CU_ASSERT_EQUAL(att_child_wait(shell(&SILENT, "kill -TERM $$; exit 0")),
                    ATT_CHILD_SIGNAL + SIGTERM);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
}

static void another_file_may_stand_for_the_name(void)
{
    const char *const words[] = {"named", "-c", "test $0 = named", NULL};
    struct att_child child = SILENT;
    pid_t pid = 0;

    child.words = words;
    child.program = "/bin/sh";
    CU_ASSERT_EQUAL_FATAL(att_child_start(&child, &pid, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_child_wait(pid), 0);
}

static void what_cannot_start_is_said(void)
{
    const char *words[ATT_CHILD_WORDS + 1] = {"/no/such/program"};
    struct att_child child = SILENT;
    struct att_error err = {0};
    pid_t pid = 0;

    child.words = words;
    CU_ASSERT_EQUAL(att_child_start(&child, &pid, &err), ATT_E_UNSUPPORTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "/no/such/program"));
    words[0] = "/"; /* no program at all */
    CU_ASSERT_EQUAL(att_child_start(&child, &pid, NULL), ATT_E_IO);
    words[0] = NULL;
    CU_ASSERT_EQUAL(att_child_start(&child, &pid, NULL), ATT_E_ARG);
    for (int i = 0; i < ATT_CHILD_WORDS; i++)
        words[i] = "true";
    CU_ASSERT_EQUAL(att_child_start(&child, &pid, NULL), ATT_E_ARG);
    words[ATT_CHILD_WORDS - 1] = NULL;
    CU_ASSERT_EQUAL_FATAL(att_child_start(&child, &pid, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_child_wait(pid), 0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a child says how it ended", a_child_says_how_it_ended},
        {"a child is over when it has ended",
         a_child_is_over_when_it_has_ended},
        {"a killed child is gone", a_killed_child_is_gone},
        {"each stream goes where it was sent",
         each_stream_goes_where_it_was_sent},
        {"no stream reads nothing", no_stream_reads_nothing},
        {"blocked signals reach a child", blocked_signals_reach_a_child},
        {"another file may stand for the name",
         another_file_may_stand_for_the_name},
        {"what cannot start is said", what_cannot_start_is_said},
        CU_TEST_INFO_NULL,
    };

    return unit_run("child", tests);
}
