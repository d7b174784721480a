"""Searches for the smallest value, and laws through what was found."""
import json
import unittest

import h5py
import numpy as np
from harness import Case, column

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


if __name__ == "__main__":
    unittest.main()
