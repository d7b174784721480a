"""Duals and certificates of sparse averaging in exact rational arithmetic.

Doubles are rationals.  A dual vector found in floating point names the members
that decide it; solving their system exactly gives the optimum, whose conditions
are then inequalities between rationals, with nothing left to rounding.
"""

import os
import subprocess
import sys
import tempfile
import unittest
from fractions import Fraction as Q
from itertools import combinations

import h5py

HALF = Q(1, 2)

STUDY = """name: exact
seed: 77
sweeps:
  - name: least
    construction: averaging
    grid: {L: 64, q: 4, d: 64, dual: ls, n_sets: 12}
  - name: active
    construction: averaging
    grid: {L: 64, q: [4, 6], d: 64, dual: as, n_sets: 24}
  - name: corrected
    construction: averaging
    grid: {L: 64, q: 4, d: 256, dual: ct, n_sets: 12}
  - name: census
    construction: averaging_certificate
    grid: {bound: census, L: 8, q: 2, d: [3, 4], keys: [sign, gauss]}
  - name: radon
    construction: averaging_certificate
    replicates: 3
    grid: {bound: radon, L: 12, q: 4, d: [2, 5, 7], keys: gauss}
"""


def rationals(array):
    """Rows of doubles as exact numbers."""
    return [[Q(float(x)) for x in row] for row in array]


def dot(a, b):
    """Exact inner product."""
    return sum((x * y for x, y in zip(a, b)), Q(0))


def combine(weights, rows):
    """sum of weight times row."""
    return [dot(weights, column) for column in zip(*rows)]


def solve(a, b):
    """The one x with a x = b, by elimination; None where there is none or
    more."""
    rows = [list(row) + [right] for row, right in zip(a, b)]
    n = len(a[0])
    for col in range(n):
        pivot = next((i for i in range(col, len(rows)) if rows[i][col] != 0),
                     None)
        if pivot is None:
            return None
        rows[col], rows[pivot] = rows[pivot], rows[col]
        rows[col] = [x / rows[col][col] for x in rows[col]]
        for i, row in enumerate(rows):
            if i != col and row[col] != 0:
                rows[i] = [x - row[col] * y for x, y in zip(row, rows[col])]
    if any(row[n] != 0 for row in rows[n:]):
        return None
    return [row[n] for row in rows[:n]]


class Exact(unittest.TestCase):
    """Rows of one study, rebuilt and looked at exactly."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="attest-exact-")
        cls.addClassCleanup(cls.folder.cleanup)
        with open(os.path.join(cls.folder.name, "study.yaml"), "w") as f:
            f.write(STUDY)
        cls.attest("run", "study.yaml", "-o", "out", "--lanes", "1",
                   "--progress", "none")
        cls.sweeps = {}
        with h5py.File(os.path.join(cls.folder.name, "out",
                                    "results.h5")) as f:
            for name in ("least", "active", "corrected", "census", "radon"):
                cls.sweeps[name] = list(f[name]["task"][:])

    @classmethod
    def attest(cls, *words):
        done = subprocess.run([os.environ["ATTEST"], *words], text=True,
                              cwd=cls.folder.name, capture_output=True,
                              timeout=120)
        if done.returncode != 0:
            raise AssertionError(done.stderr)

    def rebuilt(self, sweep):
        """Open the tensors of every row of a sweep in turn."""
        for task in self.sweeps[sweep]:
            self.attest("rebuild", "out", str(task), "-o", "m.h5")
            with h5py.File(os.path.join(self.folder.name, "m.h5")) as f:
                yield f

    def queries(self, f):
        """Keys, and every query with its set."""
        tokens = f["instance"]["tokens"][:]
        sets = f["instance"]["sets"][:]
        d = (tokens.shape[1] - 1) // 2
        keys = rationals(tokens[:, -d:])
        for row in keys:
            self.assertTrue(all(x * x * d == 1 for x in row))
        for i, members in enumerate(sets):
            w = [Q(float(x)) for x in tokens[i, -2 * d:-d]]
            if any(w):
                yield keys, w, [int(j) for j in members]

    def near(self, w, exact):
        """Within roundings of a system of condition 100 or less."""
        size = max(abs(x) for x in exact)
        self.assertLess(max(abs(x - y) for x, y in zip(w, exact)),
                        size * Q(1, 10**12))

    def test_least_norm_vectors_solve_their_system(self):
        n = 0
        for f in self.rebuilt("least"):
            for keys, w, y in self.queries(f):
                rows = [keys[j] for j in y]
                beta = solve([[dot(a, b) for b in rows] for a in rows],
                             [Q(1)] * len(y))
                exact = combine(beta, rows)
                # Weak duality: no w with score 1 on the set has a smaller norm.
                self.assertEqual(dot(exact, exact), sum(beta))
                self.assertTrue(all(dot(row, exact) == 1 for row in rows))
                self.near(w, exact)
                n += 1
        self.assertEqual(n, 12)

    def test_active_sets_meet_the_conditions_of_the_optimum(self):
        n_active = 0
        for f in self.rebuilt("active"):
            for keys, w, y in self.queries(f):
                others = [j for j in range(len(keys)) if j not in y]
                active = [j for j in others
                          if dot(keys[j], w) > HALF - Q(1, 10**9)]
                rows = [keys[j] for j in y + active]
                beta = solve([[dot(a, b) for b in rows] for a in rows],
                             [Q(1)] * len(y) + [HALF] * len(active))
                exact = combine(beta, rows)
                # Multipliers of the active, and all others within the margin:
                # the conditions of the least norm, which is convex.
                self.assertTrue(all(b <= 0 for b in beta[len(y):]))
                self.assertTrue(all(dot(keys[j], exact) <= HALF
                                    for j in others))
                self.near(w, exact)
                n_active += len(active)
        self.assertGreater(n_active, 100)

    def test_corrected_vectors_keep_their_margin(self):
        for f in self.rebuilt("corrected"):
            for keys, w, y in self.queries(f):
                for j, key in enumerate(keys):
                    score = dot(key, w)
                    if j in y:
                        self.assertLess(abs(score - 1), Q(1, 10**12))
                    else:
                        self.assertLessEqual(abs(score), HALF + Q(2, 10**12))

    def test_every_set_is_separated_or_cannot_be(self):
        n = [0, 0]
        for f in self.rebuilt("census"):
            keys = rationals(f["witness"]["keys"][:])
            rows = rationals(f["witness"]["decisions"][:])
            self.assertEqual(len(rows), 28)
            for y, row in zip(combinations(range(8), 2), rows):
                d = len(keys[0])
                n[int(row[0])] += 1
                if row[0] == 1:
                    self.separates(keys, row[1:d + 1], row[d + 1], y)
                else:
                    self.meets(keys, row[d + 2:], y)
        self.assertGreater(min(n), 20)

    def separates(self, keys, w, c, y):
        """The hyperplane that was found, as it stands."""
        for j, key in enumerate(keys):
            side = dot(key, w) + c
            self.assertTrue(side > 0 if j in y else side < 0)

    def meets(self, keys, near, y):
        """Weights on the tokens that were found, positive on either side of the
        set, whose two means are one point: no hyperplane separates it."""
        support = [j for j, x in enumerate(near) if x != 0]
        columns = [keys[j] + [Q(j in y), Q(j not in y)] for j in support]
        signs = [1 if j in y else -1 for j in support]
        d = len(keys[0])
        system = [[s * column[m] if m < d else column[m]
                   for s, column in zip(signs, columns)] for m in range(d + 2)]
        share = solve(system, [Q(0)] * d + [Q(1)] * 2)
        self.assertIsNotNone(share)
        for j, s, x in zip(support, signs, share):
            self.assertGreater(x, 0)
            self.assertLess(abs(s * x - near[j]), Q(1, 10**9))

    def test_radon_points_are_exact(self):
        for f in self.rebuilt("radon"):
            keys = rationals(f["witness"]["keys"][:])
            near = rationals(f["witness"]["lambda"][:])[0]
            y = {int(j) for j in f["witness"]["set"][0]}
            d = len(keys[0])
            self.assertEqual(len(keys), d + 2)
            # The last weight is the rounded one; the others follow exactly.
            rows = [[key[m] for key in keys[:-1]] for m in range(d)]
            rows.append([Q(1)] * (d + 1))
            right = [-near[-1] * x for x in keys[-1] + [Q(1)]]
            exact = solve(rows, right) + [near[-1]]
            self.assertEqual(combine(exact, keys), [0] * d)
            self.assertEqual(sum(exact), 0)
            for j, x in enumerate(exact):
                self.assertLess(abs(x - near[j]), Q(1, 10**12))
                self.assertEqual(x > 0, j in y)
            self.assertEqual(len(y), 4)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
