/* test_site.c - site.yaml: what a cluster wants of its jobs. */
#include "attest/config/site.h"

#include <stdio.h>
#include <string.h>

#include "attest/base/arena.h"
#include "scratch.h"
#include "unit.h"

static struct scratch scratch;
static struct att_arena *arena;
static struct att_buffer said;

static int make(void)
{
    scratch_open(&scratch);
    arena = att_arena_create(0);
    return arena == NULL;
}

static int clean(void)
{
    att_buffer_fini(&said);
    att_arena_destroy(arena);
    scratch_close(&scratch);
    return 0;
}

static att_status load(const char *text, struct att_site *site)
{
    char path[SCRATCH_PATH];

    (void)scratch_path(&scratch, "site.yaml", path);
    CU_ASSERT_EQUAL_FATAL(
        att_file_replace(path, text, strlen(text), false, NULL), ATT_OK);
    att_buffer_clear(&said);
    *site = att_site_default();
    return att_site_load(path, arena, site, &said, NULL);
}

static void every_key_is_read(void)
{
    struct att_site s;

    CU_ASSERT_EQUAL_FATAL(
        load("partition: long\naccount: theory\nqos: high\n"
             "memory_per_cpu: 2G\nnodes: 4\ntasks_per_node: 8\n"
             "cpus_per_task: 2\ntime: 90min\nnotice: 3min\n"
             "modules: [gcc/12, openmpi]\ndirectives: [\"--mail-type=END\"]\n"
             "launcher: mpirun\nmpi: pmix_v4\ngo_on: resubmit\n",
             &s),
        ATT_OK);
    CU_ASSERT_STRING_EQUAL(s.partition, "long");
    CU_ASSERT_STRING_EQUAL(s.account, "theory");
    CU_ASSERT_STRING_EQUAL(s.qos, "high");
    CU_ASSERT_STRING_EQUAL(s.memory_per_cpu, "2G");
    CU_ASSERT_STRING_EQUAL(s.launcher, "mpirun");
    CU_ASSERT_STRING_EQUAL(s.mpi, "pmix_v4");
    CU_ASSERT_EQUAL(s.nodes, 4);
    CU_ASSERT_EQUAL(s.tasks_per_node, 8);
    CU_ASSERT_EQUAL(s.cpus_per_task, 2);
    CU_ASSERT_EQUAL(s.time_s, 5400);
    CU_ASSERT_EQUAL(s.notice_s, 180);
    CU_ASSERT_EQUAL_FATAL(s.n_modules, 2);
    CU_ASSERT_STRING_EQUAL(s.module[1], "openmpi");
    CU_ASSERT_EQUAL_FATAL(s.n_directives, 1);
    CU_ASSERT_STRING_EQUAL(s.directive[0], "--mail-type=END");
    CU_ASSERT_EQUAL(s.go_on, ATT_GO_ON_RESUBMIT);
}

static void what_is_not_written_stays(void)
{
    struct att_site s;

    CU_ASSERT_EQUAL(load("partition: long\n", &s), ATT_OK);
    CU_ASSERT_EQUAL(s.nodes, 1);
    CU_ASSERT_STRING_EQUAL(s.launcher, "srun");
    CU_ASSERT_EQUAL(s.go_on, ATT_GO_ON_REQUEUE);
    CU_ASSERT_EQUAL(load("", &s), ATT_OK); /* a site without wishes */
    CU_ASSERT_EQUAL(s.time_s, 3600);
}

/* Each fault ends in ATT_E_PARSE and is named. */
static void faults_are_named_with_their_place(void)
{
    static const char *const faults[][2] = {
        {"launchr: srun\n", "did you mean 'launcher'?"},
        {"launcher: ssh\n", "unknown launcher 'ssh'"},
        {"nodes: none\n", "nodes"},
        {"nodes: 0\n", "nodes"},
        {"time: soon\n", "time: "},
        {"modules: openmpi\n", "modules is a list"},
        {"partition: [a, b]\n", "partition is one value"},
        {"partition: \"a\\nb\"\n", "partition is one line of text"},
        {"go_on: perhaps\n", "unknown go_on 'perhaps'"},
        {"- a\n", "a site is a map"},
        {"partition: {\n", "site.yaml:"},
    };

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct att_site s;

        CU_ASSERT_EQUAL(load(faults[i][0], &s), ATT_E_PARSE);
        const char *text = said.data != NULL ? said.data : "";

        CU_ASSERT_PTR_NOT_NULL(strstr(text, faults[i][1]));
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "site.yaml:"));
    }
}

static void a_missing_file_is_said(void)
{
    struct att_site s = att_site_default();

    CU_ASSERT_EQUAL(att_site_load("nowhere.yaml", arena, &s, &said, NULL),
                    ATT_E_IO);
}

static void a_launcher_is_one_of_two(void)
{
    CU_ASSERT_TRUE(att_site_launcher("srun"));
    CU_ASSERT_TRUE(att_site_launcher("mpirun"));
    CU_ASSERT_TRUE(att_site_launcher(att_site_default().launcher));
    CU_ASSERT_FALSE(att_site_launcher("ssh"));
    CU_ASSERT_FALSE(att_site_launcher("srun "));
    CU_ASSERT_FALSE(att_site_launcher(""));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every key is read", every_key_is_read},
        {"what is not written stays", what_is_not_written_stays},
        {"faults are named with their place",
         faults_are_named_with_their_place},
        {"a missing file is said", a_missing_file_is_said},
        {"a launcher is one of two", a_launcher_is_one_of_two},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("site", make, clean, tests);
}
