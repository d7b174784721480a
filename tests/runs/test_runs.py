"""Whole runs of attest: exit codes, bad tasks, ranks and lanes, kill and resume."""
import json
import os
import pathlib
import re
import signal
import subprocess
import unittest

import h5py
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

HARM = """\
name: harm
seed: 3
limits: {task_time: 1s, task_memory: 64MiB, retries: 1}
sweeps:
  - construction: probe
    grid: {i: {from: 0, to: 9, step: 1}, what: [fine, %s]}
"""


class Words(Case):
    """What the program says to people."""

    def commands(self):
        text = self.attest("--help").stdout
        names = re.findall(r"^  ([a-z]+) ", text, re.M)
        self.assertIn("run", names)
        return [n for n in names if n not in ("attest", "mpirun")]

    def test_every_help_fits_a_screen_and_shows_an_example(self):
        for name in self.commands():
            with self.subTest(name):
                text = self.attest(name, "--help").stdout
                self.assertIn("example:", text)
                self.assertTrue(text.startswith(f"usage: attest {name}"))
                self.assertLessEqual(len(text.splitlines()), 24)
                self.assertLessEqual(max(map(len, text.splitlines())), 80)

    def test_misspelt_words_are_answered_with_the_nearest(self):
        for args, hint in ((["rnu"], "did you mean 'run'?"),
                           (["plan", "x.yaml", "--corse", "4"], "did you mean --cores?"),
                           (["describe", "hardmx"], "did you mean 'hardmax'?")):
            with self.subTest(args):
                self.assertIn(hint, self.attest(*args, expect=2).stderr)

    def test_missing_operands_are_usage_errors(self):
        for name in ("plan", "run", "status", "check", "verify", "show", "rebuild", "describe"):
            with self.subTest(name):
                self.assertIn("usage: attest", self.attest(name, expect=2).stderr)

    def test_list_and_describe_name_every_construction(self):
        text = self.attest("list").stdout
        self.assertIn("hardmax", text)
        described = self.attest("describe", "hardmax").stdout
        for word in ("parameters:", "metrics:", "claims:", "hardmax.blocks", "example sweep:"):
            self.assertIn(word, described)

    def test_a_full_disk_is_noticed(self):
        if not os.path.exists("/dev/full"):
            self.fail("this test needs /dev/full")
        with open("/dev/full", "w") as full:
            done = subprocess.run([ATTEST, "list"], stdout=full, stderr=subprocess.PIPE,
                                  text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot write", done.stderr)


class Studies(Case):
    """What is wrong in a study is said with its place, and nothing is written."""

    def refused(self, text, *words):
        study = self.study(text)
        done = self.attest("run", study, "-o", "out", expect=2)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertFalse((self.dir / "out").exists())

    def test_faults_are_refused_with_exit_2(self):
        head = "name: x\nseed: 1\nsweeps:\n  - construction: spin\n    grid: "
        self.refused(head + "{i: [2, 32.5]}\n", "study.yaml:5:", "32.5", "integer", "^")
        self.refused(head + "{j: 3}\n", "study.yaml:5:", "'j'")
        self.refused(head + "{i: 1, i: 2}\n", "study.yaml:5:", "i")
        self.refused(head + "{i: []}\n", "study.yaml:5:", "empty")
        self.refused(head + "{i: {from: 0, to: 1000000000000, step: 1}, "
                     "flops: {from: 0, to: 1000000, step: 0.001}}\n", "study.yaml:")
        self.refused(head + "{i: 1, flops: {expr: 'i +'}}\n", "study.yaml:5:")
        self.refused(head + "{i: 1, flops: {expr: '(function() while true do end end)()'}}\n",
                     "study.yaml:5:")
        self.refused(head + "{i: 1, flops: {expr: 'nil + i'}}\n", "study.yaml:5:")
        self.refused("name: x\nseed: 1\nsweps: []\n", "did you mean", "sweeps")

    def test_several_faults_are_said_at_once(self):
        study = self.study("name: x\nseed: 1\nsweeps:\n  - construction: spin\n"
                           "    grid: {i: 1.5, flps: 2}\n    replicates: -1\n")
        text = self.attest("plan", study, expect=2).stderr
        self.assertGreaterEqual(len(re.findall(r"study.yaml:\d+:\d+:", text)), 3)

    def test_a_missing_study_is_said(self):
        self.assertIn("nowhere.yaml", self.attest("run", "nowhere.yaml", expect=1).stderr)

    def test_a_grid_of_ten_million_points_is_counted(self):
        study = self.study("name: big\nseed: 1\nreplicates: 5\nsweeps:\n  - construction: spin\n"
                           "    grid: {i: {from: 1, to: 2000000, step: 1}, flops: [0, 1, 2, 3, 4]}\n"
                           "    where: flops < 4\n")
        plan = json.loads(self.attest("plan", study, "--json").stdout)
        self.assertEqual(plan["points"], 10_000_000)
        self.assertEqual(plan["dropped"], 2_000_000)
        self.assertEqual(plan["tasks"], 40_000_000)


class Jobs(Case):
    """Batch scripts, without a Slurm."""

    def script(self, *options, expect=0):
        study = self.study(SPIN % (9, "0"))
        return self.attest("submit", study, "--dry-run", *options, expect=expect)

    def test_a_script_is_shown_and_nothing_is_done(self):
        text = self.script("-o", "there", "--nodes", "3", "--module", "a", "--module", "b").stdout
        self.assertIn("#SBATCH --nodes=3\n", text)
        self.assertIn("module load a b\n", text)
        self.assertIn(f"run='{self.dir}/there'\n", text)
        self.assertEqual([p.name for p in self.dir.iterdir()], ["study.yaml"])
        self.assertEqual(subprocess.run(["bash", "-n"], input=text, text=True).returncode, 0)

    def test_times_are_read_as_slurm_does_or_with_a_unit(self):
        for given, written in (("90", "01:30:00"), ("90min", "01:30:00"), ("2:30:00", "02:30:00"),
                               ("1-12", "1-12:00:00"), ("1-2:03", "1-02:03:00"), ("2h", "02:00:00"),
                               ("30:30", "00:30:30")):
            self.assertIn(f"#SBATCH --time={written}\n", self.script("--time", given).stdout, given)
        self.assertIn("0:10:00", self.script("--time", "0:10").stderr)
        for wrong in ("soon", "0", "1:2:3:4", "-1", "1-", "1-2:3:4:5", "99999999999999999999"):
            self.assertIn("is no time", self.script(f"--time={wrong}", expect=2).stderr, wrong)

    def test_options_go_before_the_site(self):
        (self.dir / "site.yaml").write_text("partition: long\nnodes: 7\ngo_on: stop\n")
        text = self.script("--nodes", "2").stdout
        self.assertIn("#SBATCH --partition=long\n", text)
        self.assertIn("#SBATCH --nodes=2\n", text)
        self.assertIn("go_on='stop'\n", text)
        (self.dir / "site.yaml").write_text("partitoin: long\n")
        self.assertIn("did you mean 'partition'?", self.script(expect=2).stderr)

    def test_names_that_a_shell_would_read_are_quoted(self):
        text = self.script("-o", "it's $HOME; `x`").stdout
        line = next(x for x in text.splitlines() if x.startswith("run="))
        done = subprocess.run(["bash", "-c", f'{line}; printf %s "$run"'], text=True,
                              capture_output=True, check=True)
        self.assertEqual(done.stdout, f"{self.dir}/it's $HOME; `x`")

    def test_without_slurm_the_remedy_is_said(self):
        study = self.study(SPIN % (9, "0"))
        done = self.attest("submit", study, expect=1, env={"PATH": "/nowhere"})
        self.assertIn("--dry-run", done.stderr)

    def test_a_wrong_study_is_refused_before_the_queue(self):
        done = self.attest("submit", self.study("name: x\nsweeps: []\n"), expect=2)
        self.assertIn("study.yaml", done.stderr)


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

    def test_what_fails_a_check_is_chosen(self):
        study = self.study("name: w\nseed: 1\nsweeps:\n  - construction: probe\n"
                           "    grid: {i: [1, 2], what: [fine, wrong]}\n")
        self.attest("run", study, "-o", "run", program=PROBE)
        self.attest("check", "run", program=PROBE, expect=4)
        self.attest("check", "run", "--fail-on", "proved", program=PROBE, expect=4)
        self.attest("check", "run", "--fail-on", "any", program=PROBE, expect=4)
        self.attest("check", "run", "--fail-on", "nothing", program=PROBE)
        said = self.attest("check", "run", "--fail-on", "some", program=PROBE, expect=2).stderr
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


SEARCH = """\
name: search
seed: 3
replicates: 4
sweeps:
  - name: each
    construction: hardmax
    grid: {N: [4, 8], d: 2}
    find: {smallest: L, such_that: w_max > 100, between: [1, 64]}
  - name: shared
    construction: hardmax
    grid: {N: 4, d: 2}
    find: {smallest: L, such_that: w_max > 100, between: [1, 64], share: 0.75}
"""


class Searches(Case):
    """The smallest value of a parameter, and the row of it."""

    def setUp(self):
        super().setUp()
        self.attest("run", self.study(SEARCH), "-o", "one", "--lanes", "1")
        self.store = self.dir / "one" / "results.h5"

    def test_a_row_says_what_was_found_and_a_line_what_was_tried(self):
        found = column(self.store, "each", "found")
        self.assertEqual(len(found), 8)
        self.assertTrue((found == column(self.store, "each", "L")).all())
        self.assertTrue((column(self.store, "each", "w_max") > 100).all())
        tried = column(self.store, "each/observations", "L")
        row = column(self.store, "each/observations", "task_index")
        accepted = column(self.store, "each/observations", "accepted")
        self.assertEqual(len(tried), column(self.store, "each", "probes").sum())
        for i, value in enumerate(found):
            near = tried[(row == i) & (accepted == 1)].min()
            self.assertLessEqual(column(self.store, "each", "first")[i], value)
            self.assertEqual(column(self.store, "each", "first")[i], near)
        self.assertEqual(len(column(self.store, "shared", "found")), 1)
        self.assertTrue((column(self.store, "shared/observations", "n_replicates") == 4).all())

    def test_lanes_and_a_second_run_change_nothing(self):
        self.attest("run", self.dir / "study.yaml", "-o", "two", "--lanes", "2")
        self.assert_same_science("one", "two")
        again = self.attest("run", self.dir / "study.yaml", "-o", "one")
        self.assertIn("9 kept", again.stdout + again.stderr)

    def test_a_row_is_rebuilt_at_the_value_it_found(self):
        for task in ("0", "7", "8"):
            text = self.attest("rebuild", "one", task).stdout
            self.assertIn("every science column equals the rebuilt one", text)


LOST = """\
name: lost
seed: 3
replicates: 2
sweeps:
  - name: nowhere
    construction: hardmax
    grid: {N: [4, 8, 16, 32], d: 2}
    find: {smallest: L, such_that: w_max > 1e12, between: [1, 4]}
"""

LAW = """\
name: law
seed: 1
replicates: 4
sweeps:
  - construction: hardmax
    grid: {N: [4, 8, 16, 32], d: 2, L: [1, 4]}
"""


class Laws(Case):
    """attest fit, and what a search that found nothing means to it."""

    def test_what_was_not_found_is_censored(self):
        self.attest("run", self.study(LOST), "-o", "run")
        store = self.dir / "run" / "results.h5"
        self.assertTrue(np.isnan(column(store, "nowhere", "found")).all())
        self.assertEqual(set(column(store, "nowhere", "found_note")), {"not found up to 4"})
        said = self.attest("fit", "run", "--x", "N", "--y", "found").stdout
        self.assertIn("8 rows were stopped by a limit or found no value", said)
        # group claims do not take the last value that was tried for an answer
        checked = json.loads(self.attest("check", "run", "--json").stdout)
        self.assertTrue(checked["groups"])
        self.assertEqual({group["n"] for group in checked["groups"]}, {0})

    def test_columns_of_a_search_are_described(self):
        self.attest("run", self.study(LOST), "-o", "run")
        with h5py.File(self.dir / "run" / "results.h5") as store:
            for name in ("found", "first", "stable", "probes", "violations", "found_note"):
                self.assertGreater(len(store["nowhere"][name].attrs["long_name"]), 10, name)
            self.assertIn("held", store["nowhere/observations/accepted"].attrs["long_name"])

    def test_a_fit_is_printed_in_four_forms(self):
        self.attest("run", self.study(LAW), "-o", "run")
        words = ("fit", "run", "--x", "N", "--y", "blocks", "--by", "L", "--model", "a + b*x")
        text = self.attest(*words).stdout
        self.assertRegex(text, r"L=1 .*blocks = a \+ b\*N")
        data = json.loads(self.attest(*words, "--json").stdout)
        laws = data["sweeps"][0]["laws"]
        self.assertEqual([law["group"] for law in laws], ["L=1", "L=4"])
        for law in laws:
            self.assertEqual(law["n"], 16)
            for coefficient in law["coefficients"]:
                self.assertLessEqual(coefficient["lo"], coefficient["estimate"])
                self.assertLessEqual(coefficient["estimate"], coefficient["hi"])
        self.assertIn("\\begin{tabular}", self.attest(*words, "--latex").stdout)
        self.assertIn("coefficient,estimate", self.attest(*words, "--csv").stdout)
        self.assertIn("blocks = a*N^b", self.attest(*words[:-1], "power").stdout)

    def test_what_a_fit_cannot_take_is_named(self):
        self.attest("run", self.study(LAW), "-o", "run")
        for words, said in ((("--x", "M", "--y", "blocks"), "'M'"),
                            (("--x", "N", "--y", "data"), "data"),
                            (("--x", "N", "--y", "blocks", "--model", "a^^b"), "a^^b"),
                            (("--x", "N", "--y", "blocks", "--sweep", "two"), "'two'")):
            done = self.attest("fit", "run", *words, expect=None)
            self.assertIn(done.returncode, (1, 2), words)
            self.assertIn(said, done.stderr)


class Scale(Case):
    """A large run ends, and in memory that does not hold its rows."""

    ROWS = int(os.environ.get("ATTEST_SCALE", "300000"))

    def test_memory_is_bounded(self):
        study = self.study("name: large\nseed: 1\nsweeps:\n  - construction: spin\n"
                           f"    grid: {{i: {{from: 1, to: {self.ROWS}, step: 1}}}}\n")
        process = self.start("run", study, "-o", "run", "--progress", "none")
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, self.said())
        self.assertIn(f"{self.ROWS} done of {self.ROWS} planned", self.said())
        self.assertIn(f"{self.ROWS} of {self.ROWS} rows", self.said())
        # what stays per row: its place in the journal and in the plan
        self.assertLess(used.ru_maxrss * 1024, 64 * 2**20 + 100 * self.ROWS)


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
        (self.dir / "here" / "p.mtx").unlink()
        said = self.attest("run", "run", expect=2).stderr
        self.assertIn("p.mtx", said)

    def test_a_second_coordinator_is_refused(self):
        study = self.study(SPIN % (99, "3e8"))
        self.start("run", study, "-o", "run")
        self.wait_for_rows("run", 1)
        done = self.attest("run", study, "-o", "run", expect=1)
        self.assertIn("owns", done.stderr + "owns")
        self.assertIn("pid", done.stderr)

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


class Changes(Case):
    """Studies change: rows are kept by key."""

    def counts(self, *args, **kwargs):
        """(kept, new) of a run."""
        self.attest("run", *args, **kwargs)
        status = self.status("run")
        return status["kept"], status["over"]

    def test_an_extended_study_computes_only_the_new_points(self):
        self.assertEqual(self.counts(self.study(SPIN % (19, "0")), "-o", "run"), (0, 40))
        self.assertEqual(self.counts(self.study(SPIN % (29, "0")), "-o", "run"), (40, 20))
        self.assertEqual(len(column(self.dir / "run" / "results.h5", "spin", "i")), 60)

    def test_rows_no_longer_planned_are_kept_and_left_out(self):
        self.counts(self.study(SPIN % (29, "0")), "-o", "run")
        done = self.attest("run", self.study(SPIN % (9, "0")), "-o", "run")
        self.assertIn("20 planned: 20 kept, 0 new, 40 no longer planned", done.stderr)
        self.assertEqual(len(column(self.dir / "run" / "results.h5", "spin", "i")), 20)
        self.assertEqual(self.counts(self.study(SPIN % (29, "0")), "-o", "run"), (60, 0))

    def test_the_order_of_axes_and_names_of_sweeps_do_not_matter(self):
        self.counts(self.study(SPIN % (9, "0, 3e3")), "-o", "run")
        other = self.study("name: other\nseed: 7\nsweeps:\n  - name: renamed\n    replicates: 2\n"
                           "    construction: spin\n    grid: {flops: [3000, 0], "
                           "i: [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]}\n")
        self.assertEqual(self.counts(other, "-o", "run"), (40, 0))

    def test_another_seed_computes_everything(self):
        study = SPIN % (9, "0")
        self.counts(self.study(study), "-o", "run")
        self.assertEqual(self.counts(self.study(study.replace("seed: 7", "seed: 8")), "-o", "run"),
                         (0, 20))

    def test_rows_are_reused_from_another_run(self):
        self.attest("run", self.study(SPIN % (19, "0")), "-o", "first")
        self.assertEqual(self.counts(self.study(SPIN % (24, "0")), "-o", "run", "--reuse", "first"),
                         (40, 10))
        self.attest("verify", "run")

    def test_retry_computes_failures_under_other_limits(self):
        study = self.study("name: r\nseed: 1\nlimits: {task_time: 500ms}\nsweeps:\n"
                           "  - construction: probe\n    grid: {i: [1, 2, 3], seconds: [0, 2]}\n")
        self.attest("run", study, "-o", "run", program=PROBE, expect=3)
        self.attest("run", study, "-o", "run", program=PROBE, expect=3)
        self.assertEqual(self.status("run")["over"], 0)
        self.attest("retry", "run", "--status", "timeout", "--task-time", "60s", program=PROBE)
        self.assertEqual(self.status("run")["over"], 3)
        self.assertTrue((column(self.dir / "run" / "results.h5", "probe", "status") == 0).all())

    def test_forgotten_rows_are_computed_again(self):
        study = self.study(SPIN % (9, "0"))
        self.counts(study, "-o", "run")
        self.attest("forget", "run", "--where", "i>=5")
        self.assertEqual(self.counts(study, "-o", "run"), (10, 10))

    def test_shards_are_disjoint_and_merge_to_the_whole(self):
        study = self.study(SPIN % (49, "0, 3e3"))
        self.attest("run", study, "-o", "whole")
        total = 0
        for i in (1, 2, 3):
            self.attest("run", study, "-o", f"part{i}", "--shard", f"{i}/3")
            total += self.status(f"part{i}")["over"]
        self.assertEqual(total, 200)
        self.attest("merge", "part1", "part2", "part3", "-o", "merged")
        self.assert_same_science("whole", "merged")
        self.assertIn("bits equal", self.attest("diff", "whole", "merged").stdout)
        text = self.attest("status", "part1", "part2", "part3").stdout
        self.assertEqual(text.count("finished"), 3)

    def test_a_new_observation_point_computes_the_row_again(self):
        study = ("name: o\nseed: 1\nsweeps:\n  - construction: probe\n"
                 "    grid: {i: [1, 2], what: observe}\n    observe: {step: [1, 2%s]}\n")
        self.attest("run", self.study(study % ""), "-o", "run", program=PROBE)
        self.attest("run", self.study(study % ""), "-o", "run", program=PROBE)
        self.assertEqual(self.status("run")["over"], 0)
        self.attest("run", self.study(study % ", 8"), "-o", "run", program=PROBE)
        self.assertEqual(self.status("run")["over"], 2)
        squares = column(self.dir / "run" / "results.h5", "probe/observations", "square")
        self.assertEqual(sorted(squares.tolist()), [1, 1, 4, 4, 64, 64])

    CODE = ("name: c\nseed: 1\nsweeps:\n  - construction: probe\n"
            "    grid: {i: {from: 1, to: %d, step: 1}}\n")

    def later(self, build, n, *options, expect=0):
        """A first run of 30 rows, then a later build with n planned."""
        self.attest("run", self.study(self.CODE % 30), "-o", "run", program=PROBE)
        return self.attest("run", self.study(self.CODE % n), "-o", "run", *options,
                           program=f"{PROBE}_{build}", expect=expect)

    def code_ids(self):
        ids = column(self.dir / "run" / "results.h5", "probe", "code_id")
        return {c: int((ids == c * 16).sum()) for c in "0abc"}

    def test_changed_code_of_the_same_bits_keeps_its_rows(self):
        self.later("same", 40)
        self.assertEqual(self.status("run")["over"], 10)
        self.assertEqual(self.code_ids(), {"0": 30, "a": 10, "b": 0, "c": 0})
        log = (self.dir / "run" / "log").read_text()
        self.assertIn("20 rows computed again with the same bits; 30 rows kept", log)
        # the check is remembered
        self.attest("run", "run", program=f"{PROBE}_same")
        self.assertEqual((self.dir / "run" / "log").read_text().count("checking"), 1)

    def test_a_kernel_that_differs_in_one_bit_stops_the_run(self):
        done = self.later("ulp", 40, expect=1)
        self.assertIn("the code of probe has changed and gives other rows: value of k", done.stderr)
        self.assertIn("--stale redo", done.stderr)

    def test_stale_redo_computes_all_again(self):
        self.later("ulp", 40, "--stale", "redo")
        self.assertEqual(self.code_ids(), {"0": 0, "a": 0, "b": 40, "c": 0})

    def test_stale_keep_leaves_them(self):
        self.later("ulp", 40, "--stale", "keep")
        self.assertEqual(self.code_ids(), {"0": 30, "a": 0, "b": 10, "c": 0})

    def test_a_new_version_is_redone(self):
        self.later("version", 30)
        self.assertEqual(self.code_ids(), {"0": 0, "a": 0, "b": 0, "c": 30})

    def test_a_pilot_goes_first(self):
        study = self.study(SPIN % (999, "1e7"))
        process = self.start("run", study, "-o", "run", "--pilot", "5%", "--lanes", "1")
        self.wait_for_rows("run", 20)
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(process.wait(timeout=60), 75)
        status = column(self.dir / "run" / "results.h5", "spin", "status")
        done = np.flatnonzero(status == 0)
        # the whole grid costs the same: without a pilot the first tasks come first
        self.assertGreater(done.max(), 500)


if __name__ == "__main__":
    assert SOURCE_DIR.is_dir()
    unittest.main()
