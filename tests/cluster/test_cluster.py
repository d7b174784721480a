"""attest under a real Slurm: the batch script with srun and with mpirun."""
import os
import pathlib
import re
import time
import unittest

from harness import ATTEST, PROBE, SOURCE_DIR, SPIN, Case, column
from slurm import Slurm, on

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

SLEEP = """\
name: sleep
seed: 7
sweeps:
  - construction: probe
    grid: {i: {from: 0, to: %d, step: 1}, seconds: 0.5}
"""


def setUpModule():
    unittest.addModuleCleanup(Slurm().close)


class Cluster(Case):
    """What tests do on the login node."""

    def on_head(self, *args, check=True):
        done = on("head", *args, folder=self.dir)
        if check:
            self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        return done.stdout

    def job(self, number):
        return self.on_head("scontrol", "show", "job", number)

    def wait_for_job(self, number, seconds=180):
        def over():
            return any(f"JobState={s}" in self.job(number) for s in
                       ("COMPLETED", "FAILED", "TIMEOUT", "CANCELLED", "NODE_FAIL"))
        self.wait_for(over, f"job {number}", seconds)
        return self.job(number)

    def numbers(self, text):
        """Jobs that a command said it submitted."""
        return re.findall(r"(?:Submitted batch job|job) (\d+)", text)

    def log(self, run):
        return "".join(p.read_text() for p in sorted((self.dir / run).glob("slurm-*.log")))


class Batch(Cluster):
    """jobs/attest.sbatch on three nodes leaves the store of a local run."""

    def submit(self, launcher, run, *options):
        exports = f"ALL,ATTEST={ATTEST},LAUNCHER={launcher}"
        out = self.on_head("sbatch", "--parsable", "-N3", "--ntasks-per-node=2", "--time=5",
                           f"--export={exports}", f"--output={self.dir}/{run}.log", *options,
                           SOURCE_DIR / "jobs" / "attest.sbatch", "study.yaml", run)
        return out.strip().split(";")[0]

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
        out = on("head", "srun", "--mpi=none", "-n", 2, ATTEST, "run", "study.yaml", "-o", "x",
                 folder=self.dir)
        self.assertNotEqual(out.returncode, 0)
        self.assertIn("--mpi=pmix", out.stderr)


class Submit(Cluster):
    """attest submit: the script is written, shown, accepted, and does what it says."""

    LONG = SPIN % (399, "3e7")

    def submit(self, *options):
        return self.on_head(ATTEST, "submit", "study.yaml", *options)

    def test_a_study_goes_to_three_nodes_and_its_comment_says_how_far(self):
        self.study(STUDY)
        self.attest("run", "study.yaml", "-o", "alone")
        said = self.submit("-o", "run", "--nodes", "3", "--tasks", "2", "--time", "0:10")
        self.assertIn("#SBATCH --nodes=3", said)
        self.assertTrue(os.access(self.dir / "run" / "submit.sbatch", os.X_OK))
        state = self.wait_for_job(self.numbers(said)[-1])
        self.assertIn("JobState=COMPLETED", state, self.log("run"))
        self.assertIn("Comment=done 248/248, 0 failed, exit code 0", state)
        self.assert_same_science("alone", "run")

    def test_shards_are_an_array_and_a_merge(self):
        self.study(STUDY)
        self.attest("run", "study.yaml", "-o", "alone")
        said = self.submit("-o", "run", "--array", "3", "--tasks", "2", "--time", "5min")
        array, merge = re.search(r"job (\d+) computes 3 shards, job (\d+) merges", said).groups()
        state = self.wait_for_job(merge)
        log = (self.dir / "run.shards" / "merge.log").read_text()
        self.assertIn("JobState=COMPLETED", state, log)
        self.assert_same_science("alone", "run")
        self.assertIn("shard 3: 0", log)
        for shard in (1, 2, 3):
            over = self.status(f"run.shards/shard-{shard}")["over"]
            state = self.job(f"{array}_{shard}")
            self.assertIn("JobState=COMPLETED", state)
            self.assertIn(f"Comment=done {over}/{over}, 0 failed, exit code 0", state)

    def test_the_array_template_as_it_stands(self):
        self.study(STUDY)
        self.attest("run", "study.yaml", "-o", "alone")
        said = self.on_head("env", f"ATTEST={ATTEST}", "ATTEST_SBATCH=-N1 --time=5",
                            SOURCE_DIR / "jobs" / "array.sbatch", "study.yaml", "run", "2")
        self.assertIn("JobState=COMPLETED", self.wait_for_job(self.numbers(said)[-1]))
        self.assert_same_science("alone", "run")

    def test_a_cancelled_job_is_resumed(self):
        self.study(self.LONG)
        job = self.numbers(self.submit("-o", "run", "--nodes", "3", "--time", "5"))[-1]
        self.wait_for_rows("run", 10)
        self.on_head("scancel", job)
        self.assertIn("JobState=CANCELLED", self.wait_for_job(job))
        done = self.attest("run", "run", timeout=400)
        self.assertNotIn(" 0 kept", done.stderr)
        self.assertEqual(len(column(self.dir / "run" / "results.h5", "spin", "x")), 800)

    def test_stop_drains_from_the_login_node(self):
        self.study(self.LONG)
        (self.dir / "site.yaml").write_text("go_on: stop\nnodes: 3\n")
        job = self.numbers(self.submit("-o", "run", "--time", "5"))[-1]
        self.wait_for_rows("run", 10)
        self.on_head(ATTEST, "stop", "run")
        state = self.wait_for_job(job)
        self.assertIn("ExitCode=75:0", state)
        self.assertEqual(self.status("run")["state"], "drained")
        self.assertIn("exit code 75", state)

    def test_what_slurm_refuses_is_said(self):
        self.study(STUDY)
        done = on("head", ATTEST, "submit", "study.yaml", "-o", "run", "--partition", "nowhere",
                  "--time", 5, folder=self.dir)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the job was not accepted", done.stderr)


class Limits(Cluster):
    """Some minutes: the time limit of a real job."""

    # tasks of half a second, so that a minute of three nodes does not suffice
    STUDY = SLEEP % 399

    def through_the_limit(self, *options):
        self.study(self.STUDY)
        said = self.on_head(PROBE, "submit", "study.yaml", "-o", "run", "--nodes", "3", "--time", "1",
                            *options)
        self.wait_for(lambda: self.status("run").get("exit_code") == 75, "the drain", 150)
        return self.numbers(said)[-1]

    def complete(self):
        self.attest("run", "study.yaml", "-o", "alone", "--lanes", "8", program=PROBE, timeout=400)
        self.assert_same_science("alone", "run")

    def test_a_job_is_requeued_at_its_limit_and_completes(self):
        job = self.through_the_limit()

        def completed():
            state = self.job(job)
            if "JobState=PENDING" in state:  # Slurm holds a requeued job for two minutes
                self.on_head("scontrol", "update", f"JobId={job}", "StartTime=now", check=False)
            time.sleep(3)  # each update begins the scheduling of the job again
            return "JobState=COMPLETED" in state
        self.wait_for(completed, "the requeued job", 600)
        self.assertRegex(self.job(job), "Restarts=[1-9]")
        self.assertIn("work is left: back into the queue", self.log("run"))
        self.complete()

    def test_where_requeueing_is_forbidden_another_job_goes_on(self):
        job = self.through_the_limit("--no-requeue")
        self.assertIn("Requeue=0", self.wait_for_job(job))
        self.wait_for(lambda: self.status("run").get("exit_code") == 0, "the jobs after it", 400)
        self.assertRegex(self.log("run"), r"job \d+ goes on")
        self.complete()


if __name__ == "__main__":
    unittest.main()
