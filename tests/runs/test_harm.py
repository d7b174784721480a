"""A crash, a hang, too much memory, a wrong result: each costs one task."""
import json
import os
import pathlib
import subprocess
import unittest

import h5py
from harness import PROBE, Case, column

HARM = """\
name: harm
seed: 3
limits: {task_time: 1s, task_memory: 64MiB, retries: 1}
sweeps:
  - construction: probe
    grid: {i: {from: 0, to: 9, step: 1}, what: [fine, %s]}
"""


class Harm(Case):
    """A crash, a hang, too much memory cost one task."""

    STATUS = {"done": 0, "failed": 1, "timeout": 2, "oom": 3, "crashed": 4, "skipped": 5,
              "infeasible": 6}

    def harmed(self, what, status, message, expect):
        study = self.study(HARM % what)
        self.attest("run", study, "-o", "run", "--lanes", "2", program=PROBE, expect=expect)
        store = self.dir / "run" / "results.h5"
        whats = column(store, "probe", "what")
        statuses = column(store, "probe", "status")
        self.assertEqual(len(whats), 20)
        self.assertTrue((statuses[whats == "fine"] == 0).all())
        self.assertTrue((statuses[whats == what] == self.STATUS[status]).all(), statuses)
        messages = column(store, "probe", "message")[whats == what]
        self.assertTrue(all(message in m for m in messages), messages)
        return store

    def test_a_crash_costs_one_task(self):
        store = self.harmed("segv", "crashed", "SIGSEGV", 3)
        what = column(store, "probe", "what")
        self.assertTrue((column(store, "probe", "attempt")[what == "segv"] == 2).all())

    def test_an_abort_costs_one_task(self):
        self.harmed("abort", "crashed", "SIGABRT", 3)

    def test_an_exit_costs_one_task(self):
        self.harmed("exit", "crashed", "", 3)

    def test_a_hang_costs_one_task(self):
        self.harmed("hang", "timeout", "timeout", 3)

    def test_eating_memory_costs_one_task(self):
        self.harmed("eat", "oom", "memory", 3)

    GORGE = ("name: g\nseed: 1\n%ssweeps:\n  - construction: probe\n"
             "    grid: {i: [1, 2, 3], what: [fine, gorge]}\n")

    def finish_with_more_memory(self):
        store = self.dir / "run" / "results.h5"
        self.assertEqual(sorted(column(store, "probe", "status")), [0, 0, 0, 3, 3, 3])
        self.attest("retry", "run", "--status", "oom", "--task-memory", "8GiB", program=PROBE)
        self.assertEqual(set(column(store, "probe", "status")), {0})

    def test_what_ran_out_of_memory_is_finished_by_retry(self):
        study = self.study(self.GORGE % "limits: {task_memory: 64MiB}\n")
        self.attest("run", study, "-o", "run", program=PROBE, expect=3)
        self.finish_with_more_memory()

    def test_a_memory_group_kills_the_task_that_eats_and_nothing_else(self):
        group = pathlib.Path(f"/sys/fs/cgroup/memory/attest-test-{os.getpid()}")
        try:
            group.mkdir()
        except OSError as error:
            self.skipTest(f"no memory groups of version 1 to be had: {error}")
        self.addCleanup(group.rmdir)
        (group / "memory.limit_in_bytes").write_text(str(256 << 20))
        study = self.study(self.GORGE % "")
        done = subprocess.run(
            ["sh", "-c", f"echo $$ >{group}/cgroup.procs; exec {PROBE} run {study} -o run --lanes 2"],
            cwd=self.dir, text=True, capture_output=True, timeout=240, check=False)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.finish_with_more_memory()

    def test_the_arena_refuses(self):
        self.harmed("arena", "oom", "memory", 3)

    def test_numerical_failure_is_a_row(self):
        self.harmed("failed", "failed", "the residual is 3", 3)

    def test_infeasible_is_no_failure(self):
        self.harmed("infeasible", "infeasible", "the theorem says no", 0)

    def test_a_foreseen_refusal_is_a_result(self):
        store = self.harmed("refuse", "done", "", 0)
        kinds = column(store, "probe", "err_kind")
        self.assertEqual(sorted(set(kinds)), ["", "equal_sets"])

    def test_a_violated_proved_claim_is_exit_4_of_check(self):
        self.harmed("wrong", "done", "", 0)
        text = self.attest("check", "run", program=PROBE, expect=4).stdout
        self.assertRegex(text, r"probe\.sum +proved +violated")
        models = sorted((self.dir / "run" / "counterexamples").iterdir())
        self.assertEqual(len(models), 3)
        keys = column(self.dir / "run" / "results.h5", "probe", "key")
        self.assertTrue(all(m.stem in keys for m in models))
        with h5py.File(models[0]) as file:
            self.assertRegex(file.attrs["point"], r"\bi=\d+ what=wrong\b")

    def test_what_fails_a_check_is_chosen(self):
        # what departs from an empirical claim is no violation of a proved one
        for what, codes in (("fine", (0, 0, 0, 0)), ("tardy", (0, 0, 4, 0)),
                            ("wrong", (4, 4, 4, 0))):
            self.attest("run", self.study("name: w\nseed: 1\nsweeps:\n  - construction: probe\n"
                                          f"    grid: {{i: [1, 2], what: {what}}}\n"),
                        "-o", what, program=PROBE)
            for words, code in zip(((), ("--fail-on", "proved"), ("--fail-on", "any"),
                                    ("--fail-on", "nothing")), codes):
                with self.subTest(what, words=words):
                    self.attest("check", what, *words, program=PROBE, expect=code)
        said = self.attest("check", "fine", "--fail-on", "some", program=PROBE, expect=2).stderr
        self.assertIn("proved, any or nothing", said)

    def test_status_shows_several_runs_at_once(self):
        for name, n in (("first", 3), ("second", 5)):
            self.attest("run", self.study(f"name: {name}\nseed: 1\nsweeps:\n  - construction: spin\n"
                                          f"    grid: {{i: {{from: 1, to: {n}, step: 1}}}}\n"), "-o", name)
        text = self.attest("status", "first", "second").stdout
        self.assertRegex(text, r"(?s)first.*3.*second.*5")
        both = json.loads(self.attest("status", "first", "second", "--json").stdout)
        self.assertEqual(len(both["runs"]), 2)

    def test_a_checkpoint_lets_a_killed_task_go_on(self):
        store = self.harmed("resume", "done", "", 0)
        what = column(store, "probe", "what")
        self.assertTrue((column(store, "probe", "attempt")[what == "resume"] == 2).all())
        self.assertEqual(list((self.dir / "run" / "checkpoints").iterdir()), [])

    def test_too_large_a_task_is_skipped(self):
        study = self.study("name: t\nseed: 1\nlimits: {task_memory: 1KiB}\nsweeps:\n"
                           "  - construction: probe\n    grid: {i: [1, 2]}\n")
        self.attest("run", study, "-o", "run", program=PROBE)
        store = self.dir / "run" / "results.h5"
        self.assertTrue((column(store, "probe", "status") == self.STATUS["skipped"]).all())
        self.assertIn("> 1", column(store, "probe", "message")[0])

    def test_slices_give_the_bits_of_the_whole(self):
        study = self.study("name: s\nseed: 1\nsweeps:\n  - construction: probe\n"
                           "    grid: {i: [1, 2, 3], slices: [1, 2, 7, 64]}\n")
        self.attest("run", study, "-o", "run", "--lanes", "2", program=PROBE)
        store = self.dir / "run" / "results.h5"
        self.assertTrue((column(store, "probe", "sum") == 1023 * 512).all())
        self.assertTrue((column(store, "probe", "place") == 700).all())
        self.assertTrue((column(store, "probe", "low") == 0).all())
        value, i = column(store, "probe", "value"), column(store, "probe", "i")
        for k in (1, 2, 3):
            self.assertEqual(len(set(value[i == k].tolist())), 1)


if __name__ == "__main__":
    unittest.main()
