"""Runs under mpirun: the same rows, no foreign memory, the time that was foretold."""
import json
import os
import signal
import subprocess
import unittest

import numpy as np
from harness import ATTEST, MPIRUN, PROBE, SOURCE_DIR, SPIN, Case, column

MODEL = """\
name: model
seed: 11
replicates: 2
sweeps:
  - construction: hardmax
    grid: {N: [2, 8, 16], d: [2, 8], L: [1, 4, 16], data: gauss, dtype: [f64, f32]}
  - construction: spin
    grid: {i: {from: 0, to: 40, step: 1}, flops: [0, 3e5]}
"""


class Ranks(Case):
    """The same rows for any number of ranks and lanes."""

    def test_ranks_and_lanes_give_the_same_bits(self):
        study = self.study(MODEL)
        self.attest("run", study, "-o", "alone", "--lanes", "1")
        for ranks, lanes in ((1, 1), (1, 2), (2, 1), (2, 2), (4, 1)):
            with self.subTest(ranks=ranks, lanes=lanes):
                run = f"r{ranks}l{lanes}"
                self.attest("run", study, "-o", run, "--lanes", lanes, ranks=ranks)
                self.assert_same_science("alone", run)

    def test_a_killed_mpi_run_is_resumed(self):
        study = self.study(SPIN % (299, "2e7"))
        self.attest("run", study, "-o", "whole")
        process = self.start("run", study, "-o", "broken", ranks=2)
        self.wait_for_rows("broken", 5)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.wait_for(lambda: self.attest("run", study, "-o", "broken", ranks=4,
                                          expect=None).returncode == 0, "the run to resume", 200)
        self.assert_same_science("whole", "broken")

    def test_every_rank_did_something(self):
        study = self.study(SPIN % (399, "3e6"))
        self.attest("run", study, "-o", "run", ranks=2)
        ranks = column(self.dir / "run" / "results.h5", "spin", "rank")
        self.assertEqual(sorted(np.unique(ranks).tolist()), [0, 1])

    def test_a_dedicated_coordinator_computes_nothing(self):
        study = self.study(SPIN % (99, "3e5"))
        self.attest("run", study, "-o", "run", "--coordinator", "dedicated", ranks=3)
        ranks = column(self.dir / "run" / "results.h5", "spin", "rank")
        self.assertNotIn(0, ranks.tolist())

    def test_a_wrong_study_is_exit_2_under_mpirun(self):
        study = self.study("name: x\nseed: 1\nsweeps: []\n")
        done = self.attest("run", study, "-o", "run", ranks=2, expect=2)
        self.assertEqual(done.stderr.count("study.yaml:3:"), 1)


class Memory(Case):
    """An MPI run under valgrind."""

    def test_two_ranks_touch_no_memory_that_is_not_theirs(self):
        study = self.study("name: m\nseed: 1\nsweeps:\n  - construction: hardmax\n"
                           "    grid: {N: [2, 4], d: 2, L: [2, 4]}\n")
        suppressions = SOURCE_DIR / "tests" / "runs" / "valgrind.supp"
        logs = self.dir / "valgrind.%p"
        done = subprocess.run([MPIRUN, "-n", "2", "valgrind", "--quiet", "--error-exitcode=9",
                               f"--suppressions={suppressions}", f"--log-file={logs}",
                               ATTEST, "run", study, "-o", "run", "--progress", "none"],
                              cwd=self.dir, text=True, capture_output=True, timeout=280,
                              check=False)
        reports = [p.read_text() for p in self.dir.glob("valgrind.*")]
        self.assertGreaterEqual(len(reports), 2)
        self.assertEqual(done.returncode, 0, "".join(reports) + done.stderr)
        self.assertEqual(self.status("run")["over"], 4)


class Predictions(Case):
    """`plan --cores P` simulates the schedule that real ranks then run."""

    def test_the_simulated_makespan_is_met_by_1_2_and_4_ranks(self):
        # tasks that sleep: four ranks are four times as fast on any machine, and the probe
        # declares a flop a nanosecond, which is what `plan` assumes
        study = self.study("name: p\nseed: 1\nsweeps:\n  - construction: probe\n"
                           "    grid: {i: {from: 1, to: 16, step: 1}, seconds: [0.05, 0.1, 0.3]}\n")
        for ranks in (1, 2, 4):
            with self.subTest(ranks=ranks):
                plan = json.loads(self.attest("plan", study, "--cores", ranks, "--json",
                                              program=PROBE).stdout)["time"]
                self.attest("run", study, "-o", f"r{ranks}", program=PROBE, ranks=ranks)
                status = self.status(f"r{ranks}")
                ratio = status["elapsed_s"] / plan["simulated_s"]
                print(f"{ranks} ranks: {plan['simulated_s']:.2f} s simulated, "
                      f"{status['elapsed_s']:.2f} s real, efficiency "
                      f"{plan['efficiency']:.3f} simulated, {status['efficiency']:.3f} real")
                # sleeping can only take longer than asked; half as much again is a machine
                # that does not get round to waking the sleepers
                self.assertGreater(ratio, 0.98)
                self.assertLess(ratio, 1.5)
                self.assertAlmostEqual(status["efficiency"], plan["efficiency"], delta=0.25)


if __name__ == "__main__":
    unittest.main()
