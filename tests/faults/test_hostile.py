"""Stores that are damaged or lie, given to the commands that read them.

Each command ends with code 0, 1, 2 or 4 and, when it fails, says why; a signal,
a report of a sanitizer or a hang fails the test.  tests/interop/test_hostile.py
asks the same of the reader alone, and checks what it says.
"""
import os
import random
import re
import shutil
import subprocess
import unittest

import h5py
import numpy as np
from harness import PROBE, Case

STUDY = """\
name: hostile
seed: 3
replicates: 2
sweeps:
  - construction: probe
    grid: {i: [1, 2, 3], what: [fine, observe]}
  - construction: hardmax
    grid: {N: [2, 4, 8], d: 2, L: 4}
"""

# What is tried when it exists; FILE is the bad store, DIR its folder.
COMMANDS = (("show", "FILE"), ("show", "FILE", "--csv"), ("show", "FILE", "0"),
            ("check", "FILE"), ("diff", "FILE", "good"), ("report", "FILE", "-o", "report.html"),
            ("fit", "FILE", "--x", "N", "--y", "blocks", "--sweep", "hardmax"),
            ("export", "FILE", "--csv", "-o", "csv"),
            ("verify", "DIR"), ("merge", "DIR", "good", "-o", "merged"),
            ("rebuild", "DIR", "13", "-o", "model.h5"))


def relabel(path, change):
    with h5py.File(path, "r+") as file:
        change(file)


def retype(file):
    """Every column of a sweep becomes something else."""
    for name, item in list(file["probe"].items()):
        if isinstance(item, h5py.Dataset) and name != "task":
            del file["probe"][name]
            file["probe"][name] = np.zeros((2, 3), [("a", "f4"), ("b", "S3")])


def no_attributes(file):
    def strip(_, item):
        for key in list(item.attrs):
            try:
                del item.attrs[key]
            except (KeyError, OSError, RuntimeError):
                pass
    file.visititems(strip)
    for key in list(file.attrs):
        del file.attrs[key]


def numbers_for_words(file):
    def lie(_, item):
        for key in list(item.attrs):
            if key not in ("DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME"):
                item.attrs[key] = np.arange(7)
    file.visititems(lie)


def huge(file):
    del file["probe/key"]
    file["probe"].create_dataset("key", shape=(2**40,), dtype=h5py.string_dtype(),
                                 chunks=(1024,))


def elsewhere(file):
    del file["probe/value"]
    file["probe/value"] = h5py.ExternalLink("/etc/passwd", "/x")
    del file["probe/sum"]
    file["probe/sum"] = h5py.SoftLink("/probe/sum")


def no_text(file):
    strings = file["probe/message"]
    strings[:] = [b"\xff\xfe\x1b[31m%s%n" for _ in range(len(strings))]


def negative(file):
    file["probe/status"][:] = -128
    file["probe/task"][:] = -(2**62)


LIES = (retype, no_attributes, numbers_for_words, huge, elsewhere, no_text, negative)


class Hostile(Case):
    """Bad stores are given to all commands that read one."""

    def setUp(self):
        super().setUp()
        self.study(STUDY)
        self.attest("run", "study.yaml", "-o", "good", program=PROBE)
        self.good = (self.dir / "good" / "results.h5").read_bytes()
        words = re.findall(r"^  ([a-z]+) ", self.attest("--help", program=PROBE).stdout, re.M)
        self.commands = [c for c in COMMANDS if c[0] in words]
        self.n_refused = 0

    def tell(self, what, data=None, change=None, commands=None):
        """Put a bad store into a copy of the run and try everything, or some, on it."""
        shutil.rmtree(self.dir / "bad", ignore_errors=True)
        shutil.copytree(self.dir / "good", self.dir / "bad")
        store = self.dir / "bad" / "results.h5"
        if data is not None:
            store.write_bytes(data)
        if change is not None:
            relabel(store, change)
        for command in commands or self.commands:
            with self.subTest(what, command=command):
                self.try_one([{"FILE": "bad/results.h5", "DIR": "bad"}.get(w, w)
                              for w in command])

    def try_one(self, words):
        shutil.rmtree(self.dir / "merged", ignore_errors=True)
        done = subprocess.run([PROBE, *words], cwd=self.dir, capture_output=True, timeout=60,
                              check=False, env={**os.environ, "ASAN_OPTIONS": "exitcode=99"})
        text = done.stderr.decode(errors="replace")
        self.assertIn(done.returncode, (0, 1, 2, 4), text)
        self.assertNotIn("Sanitizer", text)
        self.assertNotIn("runtime error", text)
        self.assertNotIn(b"\x1b", done.stdout + done.stderr)  # no terminal obeys a file
        if done.returncode in (1, 2) and words[0] not in ("verify", "diff"):
            self.n_refused += 1
            self.assertRegex(text, "attest: |error")

    def test_the_good_store_is_read(self):
        for command in self.commands:
            words = [{"FILE": "good/results.h5", "DIR": "good"}.get(w, w) for w in command]
            if words[0] != "merge":
                self.attest(*words, program=PROBE)

    def test_files_that_are_no_store(self):
        with h5py.File(self.dir / "other.h5", "w") as file:
            file["x"] = np.arange(10)
        for what, data in (("empty", b""), ("text", b"name: x\n" * 1000),
                           ("zeros", bytes(len(self.good))),
                           ("other", (self.dir / "other.h5").read_bytes()),
                           ("signature", self.good[:8])):
            self.tell(what, data)
        self.assertGreater(self.n_refused, 10)

    def some_commands(self, i):
        """HDF5 takes seconds for some damage: each store is given to a few commands."""
        return random.Random(i).sample(self.commands, 4)

    def test_truncated_stores(self):
        for i in range(1, 12):
            self.tell(f"{i}/12", self.good[:len(self.good) * i // 12],
                      commands=self.some_commands(i))
        self.assertGreater(self.n_refused, 10)

    def test_random_damage(self):
        rng = random.Random(20261122)
        for i in range(12):
            data = bytearray(self.good)
            for _ in range(rng.choice((1, 8, 64))):
                at = rng.randrange(len(data))
                data[at:at + 8] = rng.randbytes(len(data[at:at + 8]))
            self.tell(f"damage {i}", bytes(data),
                      commands=self.some_commands(i))

    def test_lies(self):
        for lie in LIES:
            self.tell(lie.__name__, change=lie)
        self.assertGreater(self.n_refused, 10)

    def test_a_run_replaces_a_bad_store(self):
        (self.dir / "good" / "results.h5").write_bytes(self.good[:5000])
        self.attest("run", "good", program=PROBE)
        self.attest("verify", "good", program=PROBE)


if __name__ == "__main__":
    unittest.main()
