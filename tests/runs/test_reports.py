"""What people read: figures and the page."""
import csv
import io
import shutil
import unittest

from harness import Case

GAPS = """\
name: gaps
seed: 20261121
replicates: 3
sweeps:
  - name: worst
    construction: hardmax
    grid: {N: [2, 4, 8, 16], L: {expr: N - 1}, d: [2, 8], data: sub1}
  - name: noise
    construction: hardmax
    grid: {N: [8, 32], d: 8}
    observe: {sigma: [1.0e-6, 1.0e-4, 1.0e-2, 1.0e-1]}
"""


class Figures(Case):
    """attest plot."""

    def setUp(self):
        super().setUp()
        self.attest("run", self.study(GAPS), "-o", "gaps")

    def data(self, *args):
        text = self.attest("plot", "gaps", *args, "--data", "-").stdout
        return list(csv.DictReader(io.StringIO(text)))

    def test_points_meet_the_bound_and_the_bound_goes_beyond_them(self):
        rows = self.data("--sweep", "worst", "--x", "N", "--y", "blocks", "--by", "d",
                         "--line", "blocks_bound")
        points = [r for r in rows if r["kind"] == "point"]
        line = [(float(r["N"]), float(r["blocks"])) for r in rows if r["kind"] == "blocks_bound"]
        self.assertEqual(len(points), 8)
        for p in points:
            self.assertEqual(float(p["blocks"]), 2 * float(p["N"]) + 1)
            self.assertEqual((p["n"], p["rows"]), ("3", "3"))
        self.assertLess(min(x for x, _ in line), 2)
        self.assertGreater(max(x for x, _ in line), 16)
        for x, y in line:
            self.assertAlmostEqual(y, 2 * x + 1, places=12)

    def test_observations_are_curves(self):
        rows = self.data("--sweep", "noise", "--x", "sigma", "--y", "acc", "--by", "N")
        self.assertEqual([float(r["sigma"]) for r in rows if r["series"] == "N=8"],
                         [1e-6, 1e-4, 1e-2, 1e-1])
        self.assertEqual(float(rows[0]["acc"]), 1)

    def test_the_sweep_is_found_by_its_columns_or_asked_for(self):
        done = self.attest("plot", "gaps", "--x", "N", "--y", "blocks", "--data", "-", expect=2)
        self.assertIn("choose one with --sweep", done.stderr)

    def test_mistakes_are_named_with_a_remedy(self):
        sweep = ("plot", "gaps", "--sweep", "worst")
        for args, words in (
                ((*sweep, "--x", "N", "--y", "bloks", "-o", "a.svg"), "blocks"),
                ((*sweep, "--x", "N", "--y", "blocks", "-o", "a.jpg"), ".svg, .pdf or .png"),
                ((*sweep, "--x", "N", "--y", "blocks"), "nowhere to write"),
                ((*sweep, "--x", "N", "-o", "a.svg"), "--x and --y"),
                ((*sweep, "--x", "data", "--y", "blocks", "-o", "a.svg"), "holds texts"),
                ((*sweep, "--x", "N", "--y", "blocks", "--band", "iqrs", "-o", "a.svg"), "range"),
                (("plot", "gaps", "--sweep", "wrst", "--x", "N", "--y", "d", "-o", "a.svg"),
                 "no sweep 'wrst'")):
            with self.subTest(args):
                self.assertIn(words, self.attest(*args, expect=2).stderr)
                self.assertFalse((self.dir / "a.svg").exists())

    @unittest.skipIf(shutil.which("gnuplot") is None, "gnuplot is not installed")
    def test_pictures_of_every_kind_are_written(self):
        for kind, start in (("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")):
            with self.subTest(kind):
                self.attest("plot", "gaps", "--sweep", "worst", "--x", "N", "--y", "code_gap",
                            "--by", "d", "--line", "gap_target", "-o", f"f.{kind}")
                self.assertTrue((self.dir / f"f.{kind}").read_bytes().startswith(start))

    def test_without_gnuplot_the_numbers_still_come(self):
        args = ("plot", "gaps", "--sweep", "worst", "--x", "N", "--y", "blocks",
                "--data", "f.csv", "-o", "f.svg")
        done = self.attest(*args, env={"PATH": "/nowhere"}, expect=1)
        self.assertIn("install gnuplot-nox", done.stderr)
        self.assertIn("point,,2,5", (self.dir / "f.csv").read_text())


if __name__ == "__main__":
    unittest.main()
