"""The files that the tests look at, and what must be in them."""

import os
import subprocess
import tempfile

MAKE = os.environ["MAKE_SPECIMEN"]

# Planned tasks of the sweeps in tests/support/specimen.c.
PLANNED = {"wide": 30, "zipped": 9, "beta": 20}


class Files:
    """A folder with a run, its store and a model; removed by close()."""

    def __init__(self):
        # pylint: disable=consider-using-with
        self._folder = tempfile.TemporaryDirectory(prefix="attest-interop-")
        self.folder = self._folder.name
        subprocess.run([MAKE, "make", self.folder], check=True)
        self.run = os.path.join(self.folder, "run")
        self.store = os.path.join(self.run, "results.h5")
        self.model = os.path.join(self.folder, "model.h5")

    def path(self, name):
        """A path inside the folder."""
        return os.path.join(self.folder, name)

    def close(self):
        """Remove everything."""
        self._folder.cleanup()


def opened(path, kind="open"):
    """Let attest read a file: (exit code, what it said)."""
    done = subprocess.run([MAKE, kind, path], capture_output=True, text=True,
                          timeout=120, check=False)
    return done.returncode, done.stderr
