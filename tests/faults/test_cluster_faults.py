"""Lost ranks and lost nodes under srun, on the three-node Slurm of tests/cluster."""
import signal
import subprocess
import unittest

import processes
from cluster import Cluster
from fault_case import SLEEP, FaultCase
from slurm import NODES


def setUpModule():
    global CLUSTER
    CLUSTER = Cluster()


def tearDownModule():
    CLUSTER.close()


class Srun(FaultCase):
    """srun lets survivors of a death live: the study finishes without the dead."""

    N_TASKS = 300

    def setUp(self):
        super().setUp()
        self.study(SLEEP % (1, self.N_TASKS - 1, 0.02))
        self.run_probe("study.yaml", "-o", "whole", "--lanes", "2")
        self.addCleanup(CLUSTER.repair)

    def launch_on_cluster(self):
        process = self.background(CLUSTER.command("srun", self.dir, "run"),
                                  {processes.MARK: self.mark})
        self.wait_for_journal(20)
        return process

    def wait_for_ranks_to_leave(self, seconds=60):
        self.wait_for(lambda: not any(p.kind == "rank" for p in processes.marked(self.mark)),
                      "the ranks to leave", seconds)

    def finished_without(self, n_lost):
        self.wait_for(lambda: self.status("run")["state"] == "finished", "the end", 90)
        self.wait_for_ranks_to_leave()
        status = self.status("run")
        self.assertEqual((status["exit_code"], status["over"], status["lost_ranks"]),
                         (0, self.N_TASKS, n_lost), self.said())
        self.assert_same_science("whole", "run")
        self.assert_each_row_once()

    def test_a_killed_worker_costs_its_tasks_in_flight(self):
        process = self.launch_on_cluster()
        self.kill("rank", 2)
        process.wait(timeout=90)  # srun ends by itself
        self.finished_without(1)
        self.assertRegex(self.said(), r"rank 2 on node3 \(pid \d+\) is lost: not heard of for")

    def test_two_crashed_workers_do_not_hang_the_end(self):
        process = self.launch_on_cluster()
        self.kill("rank", 1, signal.SIGSEGV)
        self.kill("rank", 2, signal.SIGSEGV)
        process.wait(timeout=90)
        self.finished_without(2)

    def test_a_node_that_vanishes_costs_its_rank(self):
        self.launch_on_cluster()
        for victim in CLUSTER.everybody_on(NODES[2]):
            processes.send(victim, signal.SIGKILL)
        self.finished_without(1)  # srun itself may wait for the node for ever

    def test_a_dead_slurmd_costs_nothing(self):
        self.launch_on_cluster()
        processes.send(CLUSTER.slurmd(NODES[1]), signal.SIGKILL)
        self.finished_without(0)

    def test_a_coordinators_node_that_vanishes_costs_what_was_in_flight(self):
        process = self.launch_on_cluster()
        for victim in CLUSTER.everybody_on(NODES[0]):
            processes.send(victim, signal.SIGKILL)
        self.wait_for_ranks_to_leave(90)  # they have no coordinator
        processes.end_all(self.mark)
        process.wait()
        CLUSTER.repair()
        kept = len(self.rows())
        again = subprocess.run(CLUSTER.command("srun", self.dir, "run"), cwd=self.dir, text=True,
                               capture_output=True, timeout=120, check=False)
        self.assertIn(f"{self.N_TASKS} planned: {kept} kept", again.stderr)
        self.assert_same_science("whole", "run")
        self.assert_each_row_once()


if __name__ == "__main__":
    unittest.main()
