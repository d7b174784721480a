"""What the tests of whole runs share: start attest, wait, compare stores."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import h5py
import numpy as np

# CTest sets these; by hand it is what the preset check has built.
SOURCE_DIR = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).parents[2]))
BUILD_DIR = SOURCE_DIR / "build" / "check"
ATTEST = os.environ.get("ATTEST", str(BUILD_DIR / "attest"))
PROBE = os.environ.get("PROBE", str(BUILD_DIR / "tests" / "constructions" / "attest_probe"))
MPIRUN = os.environ.get("MPIRUN", "mpirun")  # empty: a build without MPI

# A study of so many tasks that cost what is asked: SPIN % (last i, flops).
SPIN = """\
name: spin
seed: 7
replicates: 2
sweeps:
  - construction: spin
    grid: {i: {from: 0, to: %d, step: 1}, flops: [%s]}
"""


class Case(unittest.TestCase):
    """A test with a folder of its own, removed when it passed."""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="attest-test-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def study(self, text, name="study.yaml"):
        path = self.dir / name
        path.write_text(text)
        return path

    def attest(self, *args, program=ATTEST, ranks=0, expect=0, timeout=240, env=None):
        """Run to the end; ranks > 0: under mpirun. Returns the process."""
        command = [program, *map(str, args)]
        if ranks:
            command = [MPIRUN, "-n", str(ranks), *command]
        done = subprocess.run(command, cwd=self.dir, text=True, capture_output=True,
                              timeout=timeout, env={**os.environ, **(env or {})}, check=False)
        if expect is not None:
            self.assertEqual(done.returncode, expect,
                             f"{command}\nstdout:\n{done.stdout}\nstderr:\n{done.stderr}")
        return done

    def background(self, command, env=None):
        """Start in the background; what it says goes to said()."""
        process = spawn(command, self.dir, self.dir / "said", env)
        self.addCleanup(end, process)
        return process

    def said(self):
        return (self.dir / "said").read_text()

    def start(self, *args, program=ATTEST, ranks=0):
        launcher = [MPIRUN, "-n", str(ranks)] if ranks else []
        return self.background([*launcher, program, *args])

    def status(self, run):
        return json.loads((self.dir / run / "status.json").read_text())

    def wait_for(self, condition, what, seconds=60):
        """Until condition() is true; a generous deadline, no timed assertion."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if condition():
                    return
            except (OSError, ValueError, KeyError):
                pass
            time.sleep(0.02)
        self.fail(f"waited {seconds} s for {what}")

    def wait_for_rows(self, run, n):
        self.wait_for(lambda: self.status(run)["over"] >= n, f"{n} rows in {run}")

    def assert_same_science(self, a, b):
        """Every science column of two stores, bit for bit."""
        self.assertEqual(differences(self.dir / a / "results.h5", self.dir / b / "results.h5"), [])


def spawn(command, folder, log, env=None):
    """Start in a process group of its own; what it says is added to log."""
    with open(log, "a") as said:
        return subprocess.Popen([*map(str, command)], cwd=folder, stdout=said, stderr=said,
                                start_new_session=True, env={**os.environ, **(env or {})})


def end(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


RUNNER_COLUMNS = {"message", "attempt", "wall_s", "cpu_s", "peak_rss_bytes", "rank", "lane",
                  "host", "kernel", "code_id", "start_time", "arena_bytes",
                  "limit_time_s", "limit_memory_bytes"}


def science(path):
    """{(group, column): array} of everything that must not depend on who computed it."""
    columns = {}
    with h5py.File(path, "r") as store:
        for name, group in store.items():
            if name == "provenance":
                continue

            def take(where, item, name=name):
                if not isinstance(item, h5py.Dataset):
                    return
                exactness = item.attrs.get("exactness", "")
                if where.split("/")[-1] in RUNNER_COLUMNS or exactness in (b"timing", "timing"):
                    return
                columns[(name, where)] = item[()]

            group.visititems(take)
    return columns


def same(a, b):
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype.kind == "f":
        return a.tobytes() == b.tobytes() or np.array_equal(a, b, equal_nan=True)
    return np.array_equal(a, b)


def differences(a, b):
    """Names of columns that two stores do not share bit for bit."""
    x, y = science(a), science(b)
    return sorted(set(x) ^ set(y)) + [k for k in x if k in y and not same(x[k], y[k])]


def column(path, sweep, name):
    with h5py.File(path, "r") as store:
        data = store[sweep][name]
        return data.asstr()[()] if h5py.check_string_dtype(data.dtype) else data[()]
