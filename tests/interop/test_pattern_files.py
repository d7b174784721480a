"""Patterns that a user gives as HDF5 files: a matrix, compressed rows as
scipy.sparse has them, and everything that is no pattern, which must end in one
line that names the file and the entry."""

import os
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy as np

DENSE = np.array([[0.1, 0, 0.3], [0, 7, 0]])
ROWS = {"data": [0.1, 0.3, 7.0], "indices": [0, 2, 1], "indptr": [0, 2, 3]}

STUDY = """name: given
seed: 1
sweeps:
  - construction: patterns_interp
    grid: {data: file, path: p.h5, L: 2, k: 2, keys: sign, d: 64}
"""


def matrix(*rows):
    return {"A": np.array(rows, dtype=float)}


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="attest-pattern-")
        self.addCleanup(self.folder.cleanup)
        with open(self.at("study.yaml"), "w") as f:
            f.write(STUDY)

    def at(self, name):
        return os.path.join(self.folder.name, name)

    def run_attest(self, sets, shape=None):
        with h5py.File(self.at("p.h5"), "w") as f:
            for name, value in sets.items():
                f[name] = value
            if shape is not None:
                f.attrs["shape"] = shape
        return self.attest("run", "study.yaml", "-o", "out", "--lanes", "1",
                           "--progress", "none")

    def attest(self, *words):
        return subprocess.run([os.environ["ATTEST"], *words], text=True,
                              cwd=self.folder.name, capture_output=True,
                              timeout=120)

    def refuse(self, text, sets, shape=None):
        """The whole file is refused before anything runs."""
        done = self.run_attest(sets, shape)
        self.assertIn(done.returncode, (1, 2), done.stderr)
        self.assertIn(text, done.stderr)

    def fail_row(self, text, sets):
        """The file is read, the row says what is wrong with its rows."""
        done = self.run_attest(sets)
        self.assertEqual(done.returncode, 3, done.stderr)
        with h5py.File(self.at("out/results.h5")) as f:
            self.assertIn(text, f["patterns_interp/message"][0].decode())

    def test_three_forms_are_one_pattern(self):
        found = []
        for sets, shape in (({"A": DENSE}, None), (ROWS, [2, 3]),
                            ({**ROWS, "shape": [2, 3]}, None)):
            done = self.run_attest(sets, shape)
            self.assertEqual(done.returncode, 0, done.stderr)
            with h5py.File(self.at("out/results.h5")) as f:
                g = f["patterns_interp"]
                found.append([g[c][-1] for c in
                              ("nnz", "k_row", "beta_lo", "beta_hi")])
        self.assertEqual(found[0][:2], [3, 2])
        # Another file is another instance and another draw of keys, but not
        # another pattern: its shape is the same.
        for other in found[1:]:
            self.assertEqual(other[:2], found[0][:2])

    def test_values_that_are_none_are_named(self):
        self.refuse("p.h5: entry [1, 1] is -0.5: a pattern has finite values "
                    ">= 0", matrix([1, 0], [0, -0.5]))
        self.refuse("p.h5: entry [1, 1] is nan", matrix([1, 0], [0, np.nan]))
        self.refuse("p.h5: entry [0, 1] is inf", matrix([1, np.inf], [0, 1]))

    def test_rows_that_are_none_are_named(self):
        self.refuse("p.h5: row 0 has an entry at column 3: columns are 0 .. 2",
                    {**ROWS, "indices": [0, 3, 1]}, [2, 3])
        self.refuse("p.h5: indptr[0] = 0 and the next, 4, are no range of the "
                    "3 entries", {**ROWS, "indptr": [0, 4, 3]}, [2, 3])
        self.refuse("p.h5: 3 data, 3 indices and 3 indptr do not fit 3 rows",
                    ROWS, [3, 3])
        self.refuse("compressed rows need 'shape'", ROWS)
        self.refuse("p.h5 holds no pattern: give a matrix 'A'", {"B": DENSE})
        self.refuse("'A' cannot be read as numbers", {"A": [["x", "y"]]})

    def test_empty_and_overfull_rows_are_named(self):
        self.fail_row("p.h5: row 2 is empty: every row needs a nonzero",
                      matrix([1, 1, 0], [0, 0, 0]))
        self.fail_row("p.h5: row 1 has 3 nonzeros, k = 2: raise k",
                      matrix([1, 1, 1], [0, 0, 1]))

    def test_damaged_files_are_an_error(self):
        self.run_attest({"A": DENSE})
        with open(self.at("p.h5"), "rb") as f:
            whole = f.read()
        for size in (8, 600, len(whole) - 8):
            with open(self.at("p.h5"), "wb") as f:
                f.write(whole[:size])
            done = self.attest("run", "study.yaml", "-o", f"cut-{size}",
                               "--lanes", "1", "--progress", "none")
            self.assertIn(done.returncode, (1, 2), done.stderr)
            self.assertIn("p.h5", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
