"""Large runs, killed runs, drained runs: what is left, and going on from it."""
import os
import signal
import unittest

import h5py
from harness import MPIRUN, PROBE, SPIN, Case, column


class Scale(Case):
    """A large run ends, and in memory that does not hold its rows."""

    ROWS = int(os.environ.get("ATTEST_SCALE", "300000"))

    def assert_bounded(self, *args):
        """It ends well, and what stays per row is its place in the journal and in the plan."""
        process = self.start(*args)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, self.said())
        self.assertLess(used.ru_maxrss * 1024, 64 * 2**20 + 100 * self.ROWS)

    def test_memory_is_bounded(self):
        study = self.study("name: large\nseed: 1\nsweeps:\n  - construction: spin\n"
                           f"    grid: {{i: {{from: 1, to: {self.ROWS}, step: 1}}}}\n")
        self.assert_bounded("run", study, "-o", "run", "--progress", "none")
        self.assertIn(f"{self.ROWS} done of {self.ROWS} planned", self.said())
        self.assertIn(f"{self.ROWS} of {self.ROWS} rows", self.said())
        self.assert_bounded("export", "run", "--csv", "-o", "csv")
        csv = self.dir / "csv" / "spin.csv"
        with open(csv, "rb") as lines:
            self.assertEqual(sum(1 for _ in lines), self.ROWS + 1)
        self.assertGreater(csv.stat().st_size, 100 * self.ROWS)


class Resume(Case):
    """Killed and run again: the same store, nothing twice."""

    def test_killed_with_sigkill_and_resumed(self):
        study = self.study(SPIN % (199, "2e7"))
        self.attest("run", study, "-o", "whole")
        process = self.start("run", study, "-o", "broken")
        self.wait_for_rows("broken", 5)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.assertFalse((self.dir / "broken" / "results.h5").exists())
        self.attest("run", study, "-o", "broken")
        self.assert_same_science("whole", "broken")
        self.assertGreater(self.status("broken")["kept"], 0)
        self.attest("verify", "broken")

    def test_running_again_computes_nothing(self):
        study = self.study(SPIN % (20, "0"))
        self.attest("run", study, "-o", "run")
        first = (self.dir / "run" / "journal").stat().st_size
        done = self.attest("run", "run")
        self.assertIn("42 kept, 0 new", done.stderr)
        self.assertEqual(self.status("run")["over"], 0)
        self.assertLess((self.dir / "run" / "journal").stat().st_size - first, 4096)

    def test_the_store_is_written_while_the_run_goes_on(self):
        study = self.study(SPIN % (4000, "1e7"))
        store = self.dir / "run" / "results.h5"
        process = self.start("run", study, "-o", "run", "--store-every", "0.1s")

        def written():
            with h5py.File(store) as f:
                return 0 < f.attrs["n_done"] < f.attrs["n_planned"]
        self.wait_for(written, "a store of a part of the rows")
        process.send_signal(signal.SIGKILL)
        process.wait()
        n = len(column(store, "spin", "x"))
        self.attest("store", "run")  # what the last writer did not see yet
        self.assertEqual(len(column(store, "spin", "x")), n)
        with h5py.File(store) as f:
            self.assertIn("attest store", f.attrs["history"])
            self.assertEqual(f.attrs["complete"], 0)
        self.attest("check", store)
        self.attest("store", self.dir / "nowhere", expect=2)

    def test_input_files_are_found_from_the_run_folder(self):
        (self.dir / "here").mkdir()
        (self.dir / "here" / "p.mtx").write_text(
            "%%MatrixMarket matrix coordinate real general\n3 3 3\n1 1 1\n2 2 1\n3 3 1\n")
        (self.dir / "here" / "study.yaml").write_text(
            "name: files\nseed: 1\nsweeps:\n  - construction: patterns\n"
            "    grid: {L: 3, k: 1, data: file, path: p.mtx}\n")
        self.attest("run", "here/study.yaml", "-o", "run")
        for _ in range(2):  # the second time, the run folder ran last
            again = self.attest("run", "run")
            self.assertIn("1 kept", again.stdout + again.stderr)
            self.attest("verify", "run")
        self.assertIn("bit for bit", self.attest("rebuild", "run", "0").stdout)
        (self.dir / "here").rename(self.dir / "there")
        self.attest("run", "there/study.yaml", "-o", "run")
        self.attest("run", "run")  # where the study stood last
        (self.dir / "there" / "p.mtx").unlink()
        said = self.attest("run", "run", expect=2).stderr
        self.assertIn("p.mtx", said)

    def test_a_second_coordinator_is_refused(self):
        study = self.study(SPIN % (99, "3e8"))
        process = self.start("run", study, "-o", "run")
        self.wait_for_rows("run", 1)
        done = self.attest("run", study, "-o", "run", expect=1)
        self.assertRegex(done.stderr, rf"run is held by host \S+, pid {process.pid} since ")
        self.assertEqual(self.status("run")["state"], "running")

    def test_damage_in_the_journal_costs_the_rows_it_hit(self):
        study = self.study(SPIN % (99, "0"))
        self.attest("run", study, "-o", "run")
        self.attest("run", study, "-o", "again")
        journal = self.dir / "run" / "journal"
        data = bytearray(journal.read_bytes())
        middle = len(data) // 2
        data[middle:middle + 600] = bytes(600)
        journal.write_bytes(data)
        self.attest("verify", "run", expect=1)
        done = self.attest("run", "run")
        self.assertRegex(done.stderr, r"[1-9]\d* new")
        self.assert_same_science("run", "again")


class Drain(Case):
    """USR1, INT and a stop file end a run with exit 75 and work left."""

    def drained(self, act, ranks):
        study = self.study(SPIN % (999, "1e8"))
        process = self.start("run", study, "-o", "run", ranks=ranks)
        self.wait_for_rows("run", 3)
        act(process)
        self.assertEqual(process.wait(timeout=60), 75)
        status = self.status("run")
        self.assertEqual(status["state"], "drained")
        self.assertEqual(status["exit_code"], 75)
        self.assertLess(status["over"], status["tasks"])
        self.attest("verify", "run")

    def test_usr1_drains_a_single_process(self):
        self.drained(lambda p: p.send_signal(signal.SIGUSR1), 0)

    @unittest.skipUnless(MPIRUN, "a build without MPI")
    def test_usr1_of_mpirun_drains_the_ranks(self):
        self.drained(lambda p: p.send_signal(signal.SIGUSR1), 2)

    def test_one_interrupt_drains(self):
        self.drained(lambda p: p.send_signal(signal.SIGINT), 0)

    def test_a_stop_file_drains(self):
        self.drained(lambda p: (self.dir / "run" / "stop").touch(), 0)

    def test_until_starts_nothing_that_does_not_fit(self):
        study = self.study(SPIN % (999, "1e9"))
        self.attest("run", study, "-o", "run", "--until", "3s", expect=75)
        self.assertGreater(self.status("run")["over"], 0)

    def test_a_second_run_knows_how_long_tasks_take(self):
        text = ("name: t\nseed: 1\nsweeps:\n  - construction: probe\n"
                "    grid: {i: %s, seconds: 0.01, what: tardy}\n")
        self.attest("run", self.study(text % "[1, 2]"), "-o", "run", program=PROBE)
        # tasks that say 10 ms would fit; tasks that took 410 ms do not
        again = self.study(text % "[1, 2, 3]")
        self.attest("run", again, "-o", "run", "--until", "0.2s", program=PROBE, expect=75)
        self.assertEqual(self.status("run")["over"], 0)
        self.attest("run", again, "-o", "new", "--until", "0.2s", program=PROBE, expect=None)
        self.assertGreater(self.status("new")["over"], 0)

    def test_two_interrupts_end_with_130(self):
        study = self.study(SPIN % (99, "2e10"))
        process = self.start("run", study, "-o", "run")
        self.wait_for(lambda: self.status("run")["state"] == "running", "a start")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        # both may arrive as one: send again until it ends
        self.wait_for(lambda: process.poll() is not None or process.send_signal(signal.SIGINT),
                      "the end")
        self.assertEqual(process.returncode, 130)


if __name__ == "__main__":
    unittest.main()
