"""Studies and code that change between runs: rows are kept by key."""
import signal
import unittest

import numpy as np
from harness import PROBE, SPIN, Case, column


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
        for words in ((), ("--status", ","), ("--status", "late")):
            self.assertIn("status", self.attest("retry", "run", *words, expect=2).stderr)
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

    def test_a_value_that_no_task_can_reach_is_asked_for_once(self):
        study = ("name: o\nseed: 1\nsweeps:\n  - construction: hardmax_precursor\n"
                 "    grid: {N: 2}\n    observe: {step: [1, 999999]}\n")
        self.attest("run", self.study(study), "-o", "run")
        lines = self.dir / "run" / "results.h5"
        self.assertEqual(column(lines, "hardmax_precursor/observations", "step").tolist(),
                         [1, 999999])
        self.assertIn("1 kept, 0 new", self.attest("run", self.study(study), "-o", "run").stderr)

    def test_sweeps_that_share_points_all_get_their_observations(self):
        sweep = ("  - name: %s\n    construction: probe\n    grid: {i: %s, what: observe}\n"
                 "    observe: {step: %s}\n")
        first = "name: o\nseed: 1\nsweeps:\n" + sweep % ("first", "[1, 2]", "[1, 3]")
        both = first + sweep % ("second", "[2, 4]", "[3, 5]")
        self.attest("run", self.study(first), "-o", "run", program=PROBE)
        self.attest("run", self.study(both), "-o", "run", program=PROBE)
        self.assertEqual(self.status("run")["over"], 2)  # 2 lacks a value, 4 is new
        store = self.dir / "run" / "results.h5"
        task = column(store, "first/observations", "task_index")
        steps = column(store, "first/observations", "step")
        i = column(store, "first", "i")[task]
        self.assertEqual(steps[i == 1].tolist(), [1, 3])
        self.assertEqual(steps[i == 2].tolist(), [1, 3, 5])
        self.assertEqual(column(store, "second/observations", "step").tolist(), [3, 5])
        self.assertIn("3 kept, 0 new",
                      self.attest("run", self.study(both), "-o", "run", program=PROBE).stderr)

    def test_merge_keeps_the_row_that_observes_most(self):
        study = ("name: o\nseed: 1\nsweeps:\n  - construction: probe\n"
                 "    grid: {i: [1, 2], what: observe}\n    observe: {step: %s}\n")
        for run, steps in (("few", "[1, 8]"), ("other", "[2, 8]"), ("all", "[1, 2, 8]")):
            self.attest("run", self.study(study % steps), "-o", run, program=PROBE)
        for order in ("few", "all"), ("all", "few"):
            into = "-".join(order)
            self.attest("merge", *order, "-o", into, program=PROBE)
            self.assert_same_science(into, "all")
        said = self.attest("merge", "few", "other", "-o", "x", program=PROBE, expect=1).stderr
        self.assertIn("observed at step = 2 in other, not in few", said)
        self.assertIn("name all of it in the study of one folder, run that there", said)
        self.assertFalse((self.dir / "x").exists())
        self.attest("run", self.study(study % "[1, 2, 8]"), "-o", "few", program=PROBE)
        self.attest("merge", "other", "few", "-o", "x", program=PROBE)
        self.assert_same_science("x", "all")

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

    def changed(self, grid, more=""):
        """What a later build that differs in one bit says of a first run's rows."""
        study = self.study("name: c\nseed: 1\nsweeps:\n  - construction: probe\n"
                           f"    grid: {grid}\n{more}")
        self.attest("run", study, "-o", "run", program=PROBE)
        return self.attest("run", "run", program=f"{PROBE}_ulp", expect=1).stderr

    def test_an_observation_that_differs_stops_the_run(self):
        self.assertIn("gives other rows: square of k", self.changed("{what: observe}"))

    def test_a_verdict_that_differs_stops_the_run(self):
        said = self.changed("{what: wrong}")
        self.assertRegex(said, r"probe\.sum of k\w+ was violated, is holds")

    SEARCH = "    find: {smallest: i, such_that: i >= 7, between: [1, 64]}\n"

    def test_a_search_of_the_same_bits_is_kept(self):
        study = self.study("name: c\nseed: 1\nsweeps:\n  - construction: probe\n"
                           "    grid: {data: [gauss, unif]}\n" + self.SEARCH)
        self.attest("run", study, "-o", "run", program=PROBE)
        self.attest("run", "run", program=f"{PROBE}_same")
        self.assertEqual(self.status("run")["over"], 0)
        self.assertEqual(self.code_ids(), {"0": 2, "a": 0, "b": 0, "c": 0})

    def test_a_search_that_differs_stops_the_run(self):
        self.assertIn("gives other rows: value of k",
                      self.changed("{data: [gauss, unif]}", self.SEARCH))

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
    unittest.main()
