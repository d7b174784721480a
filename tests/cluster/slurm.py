"""The three-node Slurm of cluster.sh, as the tests of two folders use it."""
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile

from harness import SOURCE_DIR

SCRIPT = SOURCE_DIR / "tests" / "cluster" / "cluster.sh"
NODES = ("node1", "node2", "node3")


class Slurm:
    """A cluster from now on until close()."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="attest-cluster-"))
        subprocess.run([SCRIPT, "up", self.folder], check=True)
        os.environ["SLURM_CONF"] = f"{self.folder}/slurm.conf"

    def close(self):
        subprocess.run([SCRIPT, "down", self.folder], check=True)
        shutil.rmtree(self.folder)


def on(host, *words, folder="/"):
    """Run a command to its end, in the namespaces of a host."""
    return subprocess.run([SCRIPT, "on", host, f"cd {folder} && {shlex.join(map(str, words))}"],
                          text=True, capture_output=True, check=False)
