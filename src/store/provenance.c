/* provenance.c - facts of the build and of the process. */
#include "attest/store/provenance.h"

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attest/base/buffer.h"
#include "attest/base/clock.h"
#include "attest/base/text.h"
#include "build_facts_priv.h"
#include "h5_priv.h"
#include "list_priv.h"

struct att_provenance {
    struct att_arena *arena; /* of everything; a replaced text stays behind */
    struct att_fact *fact;   /* n */
    size_t n;
};

const char *att_version(void)
{
    return att_build_facts.attest_version;
}

void att_provenance_destroy(struct att_provenance *p)
{
    if (p != NULL)
        att_arena_destroy(p->arena);
    free(p);
}

static struct att_fact *find(const struct att_provenance *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++) {
        if (att_text_same(p->fact[i].name, name))
            return &p->fact[i];
    }
    return NULL;
}

const char *att_provenance_get(const struct att_provenance *p, const char *name)
{
    const struct att_fact *fact = find(p, name);

    return fact == NULL ? NULL : fact->text;
}

const struct att_fact *att_provenance_facts(const struct att_provenance *p,
                                            size_t *n)
{
    *n = p->n;
    return p->fact;
}

static bool add(struct att_provenance *p, const struct att_fact *fact)
{
    struct att_fact *longer =
        att_list_grow(p->arena, p->fact, p->n, sizeof *fact);

    if (longer == NULL)
        return false;
    p->fact = longer;
    p->fact[p->n++] = *fact;
    return true;
}

att_status att_provenance_set(struct att_provenance *p, const char *name,
                              const char *text, struct att_error *err)
{
    struct att_fact *known = find(p, name);
    const struct att_fact fact = {att_arena_strdup(p->arena, name),
                                  att_arena_strdup(p->arena, text)};

    if (!att_h5_text_is_identifier(name))
        return att_fail(err, ATT_E_ARG, "'%s' cannot name a fact", name);
    if (fact.name == NULL || fact.text == NULL ||
        (known == NULL && !add(p, &fact)))
        return att_arena_fail(p->arena, name, err);
    if (known != NULL)
        known->text = fact.text;
    return ATT_OK;
}

/* ---- what there is to know ------------------------------------------------ */

/* Arguments quoted where a shell would split them. */
static void text_of_arguments(int argc, const char *const *argv,
                              struct att_buffer *out)
{
    for (int i = 0; i < argc; i++) {
        const bool plain =
            argv[i][0] != '\0' && strpbrk(argv[i], " \t\n'\"\\$*?") == NULL;

        att_buffer_printf(out, plain ? "%s%s" : "%s'%s'", i == 0 ? "" : " ",
                          argv[i]);
    }
}

/* "model name : Xeon ..." of the first processor; elsewhere the machine. */
static void text_of_processor(struct att_buffer *out)
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[256];
    bool found = false;

    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        const char *colon = strchr(line, ':');

        found = colon != NULL && att_text_starts(line, "model name");
        if (found) {
            line[strcspn(line, "\n")] = '\0';
            att_buffer_text(out, colon + 2);
        }
    }
    if (file != NULL)
        (void)fclose(file);
    att_buffer_printf(out, "%s%ld processors", found ? ", " : "",
                      sysconf(_SC_NPROCESSORS_ONLN));
}

/* NAME=value of every variable of Slurm, but not its token. */
static void text_of_slurm(struct att_buffer *out)
{
    for (char **variable = environ; *variable != NULL; variable++) {
        if (att_text_starts(*variable, "SLURM_") &&
            !att_text_starts(*variable, "SLURM_JWT"))
            att_buffer_printf(out, "%s\n", *variable);
    }
}

static void text_of_modules(struct att_buffer *out)
{
    const char *modules = getenv("LOADEDMODULES");

    att_buffer_text(out, modules == NULL ? "" : modules);
}

static void text_of_host(struct att_buffer *out)
{
    char name[256] = "";

    if (gethostname(name, sizeof name - 1) == 0)
        att_buffer_text(out, name);
}

static void text_of_hdf5(struct att_buffer *out)
{
    const struct h5_quiet quiet = att_h5_quiet_begin();
    unsigned major = 0, minor = 0, release = 0;

    (void)H5get_libversion(&major, &minor, &release);
    att_buffer_printf(out, "HDF5 %u.%u.%u", major, minor, release);
    att_h5_quiet_end(quiet);
}

static void text_of_now(struct att_buffer *out)
{
    char text[ATT_TIME_TEXT];

    att_buffer_text(out, att_time_text(att_clock_wall_s(), text));
}

static bool collect_build(struct att_provenance *p)
{
    const struct att_fact fact[] = {
        {"attest_version", att_build_facts.attest_version},
        {"git_commit", att_build_facts.git_commit},
        {"git_diff", att_build_facts.git_diff},
        {"compiler", att_build_facts.compiler},
        {"compiler_flags", att_build_facts.compiler_flags},
        {"mpi", att_build_facts.mpi},
        {"blas", att_build_facts.blas},
        {"libraries", att_build_facts.libraries},
    };

    for (size_t i = 0; i < sizeof fact / sizeof *fact; i++) {
        if (att_provenance_set(p, fact[i].name, fact[i].text, NULL) != ATT_OK)
            return false;
    }
    return true;
}

static bool collect_process(struct att_provenance *p)
{
    const struct {
        const char *name;
        void (*text)(struct att_buffer *out);
    } fact[] = {
        {"cpu", text_of_processor}, {"hdf5", text_of_hdf5},
        {"slurm", text_of_slurm},   {"modules", text_of_modules},
        {"host", text_of_host},     {"created", text_of_now},
    };
    struct att_buffer text = {0};
    bool set = true;

    for (size_t i = 0; set && i < sizeof fact / sizeof *fact; i++) {
        att_buffer_clear(&text);
        att_buffer_text(&text, "");
        fact[i].text(&text);
        set = att_buffer_ok(&text) &&
              att_provenance_set(p, fact[i].name,
                                 text.data == NULL ? "" : text.data,
                                 NULL) == ATT_OK;
    }
    att_buffer_fini(&text);
    return set;
}

static bool collect_arguments(struct att_provenance *p, int argc,
                              const char *const *argv)
{
    struct att_buffer text = {0};

    text_of_arguments(argc, argv, &text);

    const bool set =
        att_buffer_ok(&text) &&
        att_provenance_set(p, "argv", text.data == NULL ? "" : text.data,
                           NULL) == ATT_OK;

    att_buffer_fini(&text);
    return set;
}

struct att_provenance *att_provenance_collect(int argc, const char *const *argv)
{
    struct att_provenance *p = calloc(1, sizeof *p);

    if (p != NULL)
        p->arena = att_arena_create(0);
    if (p != NULL && p->arena != NULL && collect_build(p) &&
        collect_process(p) && collect_arguments(p, argc, argv))
        return p;
    att_provenance_destroy(p);
    return NULL;
}
