"""Every construction remade as plain tensors, and run without attest."""
import json
import subprocess
import sys
import unittest

import h5py
from harness import SOURCE_DIR, Case

NUMPY = SOURCE_DIR / "python" / "rebuild_numpy.py"

# Points that defaults do not reach: other layers, other arithmetic, other ways
# through a construction.
POINTS = {
    "hardmax": ["{dtype: f32}", "{data: sub1, N: 5, L: 4}", "{peel: four, codes: balanced}",
                "{N: 1}"],
    "memorization": ["{mask: causal, data: fresh}", "{head: 3, d_out: 2, ffn: interp}",
                     "{readout: 2}"],
    "patterns": ["{k: 2, keys: gauss, d: 512}", "{keys: hadamard}", "{data: band, k: 2}"],
    "averaging": ["{attention: hardmax}", "{dtype: f32}", "{fixed_bits: 9, dither: on}"],
    "averaging_moment": ["{basis: chebyshev, q: 2}", "{data: hard, n_sets: 6, dv: 2}"],
    "averaging_recurrent": ["{net: full, dv: 2}"],
    "averaging_ffn": ["{L: 12, q: 2, dv: 2}"],
    "selection_fcn": ["{depth: 3, width: 30, steps: 50, dtype: f32}",
                      "{net: explicit, width: 200, gate: 2}", "{net: mean, depth: 2}",
                      "{net: random, depth: 2, width: 60, dtype: f32}"],
    "matching": ["{kind: match3, L: 12, M: 7, data: triple}",
                 "{kind: match2h, M: 31, L: 16}"],
}


# Where the defaults have more samples than NumPy gets through in a second.
SMALLER = {"approximation": "{samples: 400}"}


class Rebuild(Case):
    """attest rebuild, then python/rebuild_numpy.py, for all that is registered."""

    def constructions(self):
        listed = json.loads(self.attest("list", "--json").stdout)["constructions"]
        names = [c["name"] for c in listed]
        self.assertGreater(len(names), 20)
        return names

    def rebuilt(self, construction, grid="{}"):
        """The model file of one row, after attest has found it to be the row's."""
        sweep = f"  - construction: {construction}\n    grid: {grid}\n"
        study = self.study(f"name: x\nseed: 3\nsweeps:\n{sweep}")
        self.attest("run", study, "-o", "run", "--progress", "none")
        done = self.attest("rebuild", "run", "0", "-o", "model.h5")
        self.assertIn("bit for bit", done.stdout)
        self.assertIn("agrees", done.stdout)
        return self.dir / "model.h5"

    def numpy_agrees(self, model):
        done = subprocess.run([sys.executable, "-B", NUMPY, model], text=True,
                              capture_output=True, check=False, timeout=240)
        self.assertEqual(done.returncode, 0, done.stdout[-500:] + done.stderr[-500:])
        self.assertIn(": 0 of ", done.stdout)

    def has_layers(self, model):
        with h5py.File(model) as file:
            self.assertTrue(file.attrs["point"].startswith("replicate=0"))
            return "layers" in file and len(file["layers"]) > 0

    def test_every_construction_is_rebuilt_and_every_network_runs_in_numpy(self):
        networks = 0
        for name in self.constructions():
            with self.subTest(name):
                model = self.rebuilt(name, SMALLER.get(name, "{}"))
                if self.has_layers(model):
                    self.numpy_agrees(model)
                    networks += 1
                else:
                    with h5py.File(model) as file:
                        self.assertGreater(len(file["witness"]), 0)
            subprocess.run(["rm", "-rf", self.dir / "run", self.dir / "model.h5"], check=True)
        self.assertGreater(networks, 15)

    def test_so_do_networks_off_the_defaults(self):
        known = self.constructions()
        for name, grids in POINTS.items():
            self.assertIn(name, known)
            for grid in grids:
                with self.subTest(f"{name} {grid}"):
                    self.numpy_agrees(self.rebuilt(name, grid))
                subprocess.run(["rm", "-rf", self.dir / "run"], check=True)

    def test_the_program_is_short_and_knows_nothing_of_attest(self):
        lines = NUMPY.read_text().splitlines()
        self.assertLessEqual(len(lines), 60)
        self.assertFalse([line for line in lines if "import attest" in line])

    def test_another_kernel_is_named_with_the_distance(self):
        study = self.study("name: x\nseed: 3\nsweeps:\n  - construction: averaging\n")
        core = {"OPENBLAS_CORETYPE": "Prescott"}
        self.attest("run", study, "-o", "run", "--kernel", "portable", env=core)
        done = self.attest("rebuild", "run", "0", env={"OPENBLAS_CORETYPE": ""})
        self.assertIn("kernels: the row was made with portable+", done.stdout)

    def test_a_task_without_a_row_is_built_all_the_same(self):
        study = self.study("name: x\nseed: 3\nsweeps:\n  - construction: hardmax\n")
        self.attest("run", study, "-o", "run")
        self.attest("forget", "run", "--where", "replicate=0")
        done = self.attest("rebuild", "run", "0", "-o", "model.h5")
        self.assertIn("nothing to compare with", done.stdout)
        self.numpy_agrees(self.dir / "model.h5")

    def test_mistakes_are_named_with_a_remedy(self):
        study = self.study("name: x\nseed: 3\nsweeps:\n  - construction: hardmax\n")
        self.attest("run", study, "-o", "run")
        for args, code, words in ((("run",), 2, "name one task"),
                                  (("run", "7"), 2, "no row is '7'"),
                                  (("run", "0", "--kernel", "sse9"), 2, "portable"),
                                  (("run/results.h5", "0"), 2, "name the run folder"),
                                  (("run", "0", "-o", "no/such/m.h5"), 1, "no/such/m.h5")):
            with self.subTest(args):
                self.assertIn(words, self.attest("rebuild", *args, expect=code).stderr)


class Repeats(Case):
    """attest run results.h5: a study again, from nothing but its store."""

    STUDY = ("name: x\nseed: 3\nreplicates: 2\nsweeps:\n"
             "  - construction: hardmax\n    grid: {N: [2, 4], L: {expr: N + 1}}\n")

    def test_a_store_repeats_its_study_bit_for_bit(self):
        self.attest("run", self.study(self.STUDY), "-o", "first")
        (self.dir / "first" / "results.h5").rename(self.dir / "copy.h5")
        self.attest("run", "copy.h5", "-o", "again")
        done = self.attest("diff", "copy.h5", "again")
        self.assertIn("4 rows in both", done.stdout)
        self.assertIn("bits equal", done.stdout.splitlines()[-1])
        self.assertEqual((self.dir / "again" / "study.yaml").read_text(), self.STUDY)

    def test_rows_of_two_studies_are_told_apart_by_their_keys(self):
        self.attest("run", self.study(self.STUDY), "-o", "a")
        self.attest("run", self.study(self.STUDY.replace("[2, 4]", "[2, 5]")), "-o", "b")
        done = self.attest("diff", "a", "b", expect=1)
        keys = [line.split() for line in done.stdout.splitlines() if "only in" in line]
        self.assertEqual([k[:5] for k in keys], [["only", "in", "a:", "2", "rows:"],
                                                 ["only", "in", "b:", "2", "rows:"]])
        for key in keys[0][5:]:
            self.assertIn("N                    4", self.attest("show", "a", key).stdout)

    def test_what_is_no_store_is_said(self):
        (self.dir / "torn.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
        self.assertIn("torn.h5", self.attest("run", "torn.h5", "-o", "x", expect=1).stderr)
        self.assertFalse((self.dir / "x").exists())


if __name__ == "__main__":
    unittest.main()
