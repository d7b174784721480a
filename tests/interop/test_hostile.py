"""Files that lie: wrong types, wrong shapes, missing parts.

attest must say which part of which file is wrong and end with code 1; a
signal (a negative code) or a hang is a failure of the test.
"""

import os
import shutil
import sys
import unittest

import h5py
import numpy as np

import specimen


def replace(name, data, keep=True):
    """A lie: the column `name` gets other data, its attributes stay."""
    def lie(file):
        old = dict(file[name].attrs) if keep else {}
        del file[name]
        file[name] = data
        for key, value in old.items():
            if key not in ("DIMENSION_LIST", "REFERENCE_LIST", "CLASS",
                           "NAME"):
                file[name].attrs[key] = value
    return lie


def attribute(path, name, value):
    """A lie: an attribute says something else, or (None) nothing."""
    def lie(file):
        if value is None:
            del file[path].attrs[name]
        else:
            file[path].attrs[name] = value
    return lie


def delete(name):
    """A lie by omission."""
    def lie(file):
        del file[name]
    return lie


def far_too_long(file):
    """A column of 2^38 rows of which none is stored."""
    old = dict(file["beta/err"].attrs)
    del file["beta/err"]
    file.create_dataset("beta/err", shape=(2**38,), dtype="f8",
                        chunks=(8192,), compression="gzip")
    for key in ("role", "kind", "exactness"):
        file["beta/err"].attrs[key] = old[key]


def loop(file):
    """A group that contains itself under the name of a sweep."""
    del file["beta"]
    file["beta"] = file["/"]


STORE_LIES = {
    "no sweeps": (attribute("/", "sweeps", None), "sweeps"),
    "sweeps are numbers": (attribute("/", "sweeps", 5), "sweeps"),
    "a sweep too many": (attribute("/", "sweeps", "wide wider"), "wider"),
    "a newer schema": (attribute("/", "schema_version", 99), "newer"),
    "no columns": (attribute("wide", "columns", None), "columns"),
    "empty columns": (attribute("wide", "columns", ""), "columns"),
    "a column twice": (attribute("wide", "columns", "task task"), "task"),
    "a column too many": (attribute("wide", "columns", "task who"), "who"),
    "a column is gone": (delete("wide/err"), "err"),
    "a column is a group": (lambda f: (f.__delitem__("wide/err"),
                                       f.create_group("wide/err")), "err"),
    "text for numbers": (replace("wide/err", ["x"] * 30), "err"),
    "numbers for text": (replace("wide/key", np.zeros(30)), "key"),
    "fixed text": (replace("wide/key", np.array([b"k"] * 30)), "key"),
    "floats for tasks": (replace("wide/task", np.zeros(30)), "task"),
    "wide status": (replace("wide/status", np.zeros(30, np.int64)), "status"),
    "too short": (replace("wide/err", np.zeros(29)), "err"),
    "two dimensions": (replace("wide/err", np.zeros((30, 2))), "err"),
    "a scalar": (replace("wide/err", 1.0), "err"),
    "a compound": (replace("wide/err", np.zeros(30, [("a", "f8")])), "err"),
    "no attributes": (replace("wide/err", np.zeros(30), keep=False), "role"),
    "unknown role": (attribute("wide/err", "role", "king"), "king"),
    "unknown kind": (attribute("wide/err", "kind", "kind"), "kind"),
    "unknown exactness": (attribute("wide/err", "exactness", "so-so"),
                          "so-so"),
    "no key column": (attribute("wide", "columns", "task replicate status"),
                      "key"),
    "negative counts": (attribute("wide", "n_planned", -1), "counts"),
    "observations of no row": (
        lambda f: f["wide/observations/task_index"].__setitem__(0, 1000),
        "wide"),
    "observations out of order": (
        lambda f: f["wide/observations/task_index"].__setitem__(0, 29),
        "wide"),
    "no claims": (delete("claims"), "claims"),
    "no provenance": (delete("provenance"), "provenance"),
    "far too long": (far_too_long, "err"),
    "a loop": (loop, "beta"),
}

MODEL_LIES = {
    "no layers": (attribute("/", "n_layers", None), "layers"),
    "too many layers": (attribute("/", "n_layers", 2**40), "layers"),
    "one layer more": (attribute("/", "n_layers", 2), "layers/001"),
    "unknown kind": (attribute("layers/000", "kind", "magic"), "magic"),
    "an attribute is gone": (attribute("layers/000", "residual", None),
                             "residual"),
    "a tensor is gone": (delete("layers/000/W1"), "W1"),
    "a tensor is text": (replace("layers/000/W1", "hello"), "W1"),
    "half precision": (replace("layers/000/W1", np.zeros(3, np.float16)),
                       "W1"),
    "five dimensions": (replace("layers/000/W1", np.zeros((1,) * 5)), "W1"),
    "an empty dataspace": (replace("layers/000/W1", h5py.Empty("f8")), "W1"),
    "no instance": (delete("instance"), "instance"),
    "a tensor twice": (attribute("instance", "tensors", "tokens tokens"),
                       "tokens"),
    "a newer schema": (attribute("/", "schema_version", 99), "newer"),
    "13 attributes": (attribute("layers/000", "attributes",
                                " ".join(["residual"] * 13)), "residual"),
}


class Hostile(unittest.TestCase):
    """Every lie is told to a copy of a good file."""

    @classmethod
    def setUpClass(cls):
        cls.files = specimen.Files()
        cls.addClassCleanup(cls.files.close)

    def tell(self, good, lies, kind):
        """Tell every lie, and hear what attest says to it."""
        for name, (lie, says) in lies.items():
            with self.subTest(lie=name):
                path = self.files.path("lie.h5")
                shutil.copy(good, path)
                with h5py.File(path, "r+") as file:
                    lie(file)
                code, text = specimen.opened(path, kind)
                self.assertEqual(code, 1, text)
                self.assertIn("lie.h5", text)
                self.assertIn(says, text)

    def test_the_originals_are_good(self):
        self.assertEqual(specimen.opened(self.files.store), (0, ""))
        self.assertEqual(specimen.opened(self.files.model, "model"), (0, ""))

    def test_stores(self):
        self.tell(self.files.store, STORE_LIES, "open")

    def test_models(self):
        self.tell(self.files.model, MODEL_LIES, "model")

    def test_other_peoples_files(self):
        path = self.files.path("other.h5")
        with h5py.File(path, "w") as file:
            file["x"] = np.arange(10)
        for kind in ("open", "model"):
            code, text = specimen.opened(path, kind)
            self.assertEqual(code, 1)
            self.assertIn("of attest", text)

    def test_swapped_files(self):
        self.assertEqual(specimen.opened(self.files.model)[0], 1)
        self.assertEqual(specimen.opened(self.files.store, "model")[0], 1)

    def test_random_damage_never_kills_the_reader(self):
        with open(self.files.store, "rb") as file:
            good = file.read()
        random = np.random.default_rng(20261121)
        path = self.files.path("damaged.h5")
        n_errors = 0
        for _ in range(100):
            bad = bytearray(good)
            start = int(random.integers(0, len(bad)))
            length = int(random.integers(1, 64))
            bad[start:start + length] = random.bytes(
                len(bad[start:start + length]))
            with open(path, "wb") as file:
                file.write(bad)
            code, text = specimen.opened(path)
            self.assertIn(code, (0, 1), text)
            n_errors += code
        self.assertGreater(n_errors, 10)
        os.unlink(path)


if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False, verbosity=2).result.wasSuccessful())
