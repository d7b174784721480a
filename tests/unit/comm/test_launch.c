/* test_launch.c - environments that launchers leave, and what follows. */
#include "attest/comm/launch.h"
#include "attest/comm/node.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* An environment: name, value, name, value, NULL. */
static const char *look_up(void *context, const char *name)
{
    for (const char *const *e = context; *e != NULL; e += 2) {
        if (strcmp(*e, name) == 0)
            return e[1];
    }
    return NULL;
}

enum { PAIRS = 16 };

struct environment {
    const char *what;
    const char *pairs[PAIRS];
    const char *by;
    bool mpi;
    uint32_t slurm_tasks, local_rank, local_size;
    uint32_t mpi_size;
    bool accepted;
};

static const struct environment ENVIRONMENTS[] = {
    {"a laptop", {NULL}, "none", false, 0, 0, 1, 1, true},
    {"mpirun",
     {"OMPI_COMM_WORLD_SIZE", "4", "OMPI_COMM_WORLD_LOCAL_RANK", "3",
      "OMPI_COMM_WORLD_LOCAL_SIZE", "4"},
     "mpirun",
     true,
     0,
     3,
     4,
     4,
     true},
    {"mpirun -n 1 inside a batch job of four tasks",
     {"OMPI_COMM_WORLD_SIZE", "1", "SLURM_PROCID", "0", "SLURM_STEP_ID", "0",
      "SLURM_STEP_NUM_TASKS", "4"},
     "mpirun",
     true,
     4,
     0,
     1,
     1,
     true},
    {"srun --mpi=pmix",
     {"PMIX_RANK", "2", "SLURM_PROCID", "2", "SLURM_STEP_ID", "7",
      "SLURM_STEP_NUM_TASKS", "6", "SLURM_LOCALID", "1",
      "SLURM_STEP_TASKS_PER_NODE", "2(x3)"},
     "pmix",
     true,
     6,
     1,
     2,
     6,
     true},
    {"srun without MPI",
     {"SLURM_PROCID", "2", "SLURM_STEP_ID", "7", "SLURM_STEP_NUM_TASKS", "6"},
     "slurm",
     true,
     6,
     0,
     1,
     1,
     false},
    {"a batch script that forgot srun",
     {"SLURM_PROCID", "0", "SLURM_NTASKS", "8"},
     "none",
     false,
     8,
     0,
     1,
     1,
     false},
    {"a batch job of one task",
     {"SLURM_PROCID", "0", "SLURM_NTASKS", "1"},
     "none",
     false,
     1,
     0,
     1,
     1,
     true},
    {"MPICH's hydra", {"PMI_RANK", "0"}, "pmi", true, 0, 0, 1, 2, true},
    {"nonsense in a number",
     {"SLURM_NTASKS", "many", "OMPI_COMM_WORLD_LOCAL_RANK", "5"},
     "none",
     false,
     0,
     5,
     6,
     1,
     true},
};

static struct att_launch launch_of(const struct environment *e)
{
    struct att_launch launch;
    const char *pairs[PAIRS + 1] = {0};

    memcpy(pairs, e->pairs, sizeof e->pairs);
    att_launch_read(look_up, pairs, &launch);
    return launch;
}

static void launchers_are_told_by_what_they_set(void)
{
    for (size_t i = 0; i < sizeof ENVIRONMENTS / sizeof *ENVIRONMENTS; i++) {
        const struct environment *e = &ENVIRONMENTS[i];
        const struct att_launch launch = launch_of(e);

        CU_ASSERT_STRING_EQUAL(launch.by, e->by);
        CU_ASSERT_EQUAL(launch.mpi, e->mpi);
        CU_ASSERT_EQUAL(launch.slurm_tasks, e->slurm_tasks);
        CU_ASSERT_EQUAL(launch.local_rank, e->local_rank);
        CU_ASSERT_EQUAL(launch.local_size, e->local_size);
    }
}

static void several_tasks_and_one_rank_are_refused(void)
{
    for (size_t i = 0; i < sizeof ENVIRONMENTS / sizeof *ENVIRONMENTS; i++) {
        const struct environment *e = &ENVIRONMENTS[i];
        const struct att_launch launch = launch_of(e);
        struct att_error err = {0};
        const att_status status = att_launch_check(&launch, e->mpi_size, &err);

        CU_ASSERT_EQUAL(status, e->accepted ? ATT_OK : ATT_E_COMM);
        CU_ASSERT_EQUAL(strstr(err.text, "srun --mpi=pmix") != NULL,
                        !e->accepted);
    }
}

static void the_environment_is_set_unless_the_user_set_it(void)
{
    CU_ASSERT_EQUAL(unsetenv("OMPI_MCA_mpi_yield_when_idle"), 0);
    CU_ASSERT_EQUAL(setenv("OPENBLAS_NUM_THREADS", "3", 1), 0);
    att_launch_environment();
    CU_ASSERT_STRING_EQUAL(getenv("OMPI_MCA_mpi_yield_when_idle"), "1");
    CU_ASSERT_STRING_EQUAL(getenv("OPENBLAS_NUM_THREADS"), "3");
}

static void a_node_has_a_name_memory_and_cpus(void)
{
    struct att_node node;

    CU_ASSERT_EQUAL(unsetenv("SLURM_MEM_PER_NODE"), 0);
    att_node_read(&node);
    CU_ASSERT_TRUE(strlen(node.host) > 0);
    CU_ASSERT_TRUE(node.n_cpus >= 1);
    CU_ASSERT_TRUE(node.memory_bytes > 1 << 20);
}

static void slurm_may_allot_less_memory_than_there_is(void)
{
    struct att_node node;

    CU_ASSERT_EQUAL(setenv("SLURM_MEM_PER_NODE", "1", 1), 0);
    att_node_read(&node);
    CU_ASSERT_DOUBLE_EQUAL(node.memory_bytes, 1 << 20, 0);
    CU_ASSERT_EQUAL(unsetenv("SLURM_MEM_PER_NODE"), 0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"launchers are told by what they set",
         launchers_are_told_by_what_they_set},
        {"several tasks and one rank are refused",
         several_tasks_and_one_rank_are_refused},
        {"the environment is set unless the user set it",
         the_environment_is_set_unless_the_user_set_it},
        {"a node has a name, memory and CPUs",
         a_node_has_a_name_memory_and_cpus},
        {"Slurm may allot less memory than there is",
         slurm_may_allot_less_memory_than_there_is},
        CU_TEST_INFO_NULL,
    };

    return unit_run("launch", tests);
}
