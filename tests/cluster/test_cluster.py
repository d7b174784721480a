"""attest under a real Slurm: the batch script with srun and with mpirun."""
import os
import pathlib
import shlex
import subprocess
import tempfile
import unittest

from harness import ATTEST, SOURCE_DIR, Case, column

SCRIPT = SOURCE_DIR / "tests" / "cluster" / "cluster.sh"

STUDY = """\
name: slice
seed: 5
replicates: 2
sweeps:
  - construction: hardmax
    grid: {N: [2, 8, 16], d: [2, 8], L: [1, 8], data: gauss, dtype: [f64, f32]}
  - construction: spin
    grid: {i: {from: 0, to: 99, step: 1}, flops: [3e6]}
"""


def setUpModule():
    global FOLDER
    FOLDER = tempfile.mkdtemp(prefix="attest-cluster-")
    subprocess.run([SCRIPT, "up", FOLDER], check=True)
    os.environ["SLURM_CONF"] = f"{FOLDER}/slurm.conf"


def tearDownModule():
    subprocess.run([SCRIPT, "down", FOLDER], check=True)
    subprocess.run(["rm", "-rf", FOLDER], check=True)


class Batch(Case):
    """jobs/attest.sbatch on three nodes leaves the store of a local run."""

    def on_head(self, *args, check=True):
        command = " ".join(shlex.quote(str(a)) for a in args)
        done = subprocess.run([SCRIPT, "on", "head", f"cd {self.dir} && {command}"], text=True,
                              capture_output=True, check=False)
        if check:
            self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        return done.stdout

    def submit(self, launcher, run, *options):
        exports = f"ALL,ATTEST={ATTEST},LAUNCHER={launcher}"
        out = self.on_head("sbatch", "--parsable", "-N3", "--ntasks-per-node=2", "--time=5",
                           f"--export={exports}", f"--output={self.dir}/{run}.log", *options,
                           SOURCE_DIR / "jobs" / "attest.sbatch", "study.yaml", run)
        return out.strip().split(";")[0]

    def wait_for_job(self, job):
        def over():
            state = self.on_head("scontrol", "show", "job", job)
            return any(f"JobState={s}" in state for s in
                       ("COMPLETED", "FAILED", "TIMEOUT", "CANCELLED", "NODE_FAIL"))
        self.wait_for(over, f"job {job}", 180)
        return self.on_head("scontrol", "show", "job", job)

    def run_under(self, launcher):
        self.study(STUDY)
        self.attest("run", "study.yaml", "-o", "alone")
        state = self.wait_for_job(self.submit(launcher, "batch"))
        log = pathlib.Path(self.dir / "batch.log").read_text()
        self.assertIn("JobState=COMPLETED", state, log)
        self.assert_same_science("alone", "batch")
        hosts = set(column(self.dir / "batch" / "results.h5", "spin", "host"))
        self.assertEqual(hosts, {"node1", "node2", "node3"})
        self.assertEqual(self.status("batch")["exit_code"], 0)

    def test_srun_over_three_nodes(self):
        self.run_under("srun")

    def test_mpirun_over_three_nodes(self):
        self.run_under("mpirun")

    def test_srun_without_pmix_is_refused_with_the_remedy(self):
        self.study(STUDY)
        out = subprocess.run([SCRIPT, "on", "head",
                              f"cd {self.dir} && srun --mpi=none -n 2 {ATTEST} run study.yaml -o x"],
                             text=True, capture_output=True, check=False)
        self.assertNotEqual(out.returncode, 0)
        self.assertIn("--mpi=pmix", out.stderr)


if __name__ == "__main__":
    unittest.main()
