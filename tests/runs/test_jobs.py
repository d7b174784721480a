"""Batch scripts, without a Slurm: what submit writes, and what the templates do."""
import os
import signal
import subprocess
import unittest

from harness import SOURCE_DIR, SPIN, Case


class Jobs(Case):
    """Batch scripts, without a Slurm."""

    def script(self, *options, expect=0):
        study = self.study(SPIN % (9, "0"))
        return self.attest("submit", study, "--dry-run", *options, expect=expect)

    def test_a_script_is_shown_and_nothing_is_done(self):
        text = self.script("-o", "there", "--nodes", "3", "--module", "a", "--module", "b").stdout
        self.assertIn("#SBATCH --nodes=3\n", text)
        self.assertIn("module load a b\n", text)
        self.assertIn(f"run='{self.dir}/there'\n", text)
        self.assertEqual([p.name for p in self.dir.iterdir()], ["study.yaml"])
        self.assertEqual(subprocess.run(["bash", "-n"], input=text, text=True).returncode, 0)

    def test_times_are_read_as_slurm_does_or_with_a_unit(self):
        for given, written in (("90", "01:30:00"), ("90min", "01:30:00"), ("2:30:00", "02:30:00"),
                               ("1-12", "1-12:00:00"), ("1-2:03", "1-02:03:00"), ("2h", "02:00:00"),
                               ("30:30", "00:30:30")):
            self.assertIn(f"#SBATCH --time={written}\n", self.script("--time", given).stdout, given)
        self.assertIn("0:10:00", self.script("--time", "0:10").stderr)
        for wrong in ("soon", "0", "1:2:3:4", "-1", "1-", "1-2:3:4:5", "99999999999999999999"):
            self.assertIn("is no time", self.script(f"--time={wrong}", expect=2).stderr, wrong)

    def test_options_go_before_the_site(self):
        (self.dir / "site.yaml").write_text("partition: long\nnodes: 7\ngo_on: stop\n")
        text = self.script("--nodes", "2").stdout
        self.assertIn("#SBATCH --partition=long\n", text)
        self.assertIn("#SBATCH --nodes=2\n", text)
        self.assertIn("go_on='stop'\n", text)
        (self.dir / "site.yaml").write_text("partitoin: long\n")
        self.assertIn("did you mean 'partition'?", self.script(expect=2).stderr)

    def test_names_that_a_shell_would_read_are_quoted(self):
        text = self.script("-o", "it's $HOME; `x`").stdout
        line = next(x for x in text.splitlines() if x.startswith("run="))
        done = subprocess.run(["bash", "-c", f'{line}; printf %s "$run"'], text=True,
                              capture_output=True, check=True)
        self.assertEqual(done.stdout, f"{self.dir}/it's $HOME; `x`")

    def test_without_slurm_the_remedy_is_said(self):
        study = self.study(SPIN % (9, "0"))
        done = self.attest("submit", study, expect=1, env={"PATH": "/nowhere"})
        self.assertIn("--dry-run", done.stderr)

    def test_a_wrong_study_is_refused_before_the_queue(self):
        done = self.attest("submit", self.study("name: x\nsweeps: []\n"), expect=2)
        self.assertIn("study.yaml", done.stderr)


# Stands for every command of Slurm: notes how it was called and answers with the
# file of its name.  A launcher leaves the status that LEAVES holds; with DRAIN
# it waits for USR1, or for scancel to hand it on.
COMMAND = """\
#!/bin/bash
name=${0##*/}
trap 'touch drained' USR1
echo "$name $*" >>calls
case $name in
srun | mpirun)
    touch launched
    [ -z "$DRAIN" ] || until [ -e drained ]; do sleep 0.02; done
    while [ "$1" != -o ]; do shift; done
    if [ -n "$LEAVES" ]; then mkdir -p "$2"; echo "$LEAVES" >"$2/status.json"; fi
    exit "${CODE:-0}"
    ;;
scancel) touch drained ;;
*) [ ! -e "$name.says" ] || cat "$name.says" ;;
esac
"""


class Templates(Case):
    """jobs/attest.sbatch and jobs/array.sbatch, with stand-ins for Slurm."""

    def setUp(self):
        super().setUp()
        (self.dir / "bin").mkdir()
        for name in ("srun", "mpirun", "squeue", "scontrol", "scancel", "sbatch", "attest"):
            path = self.dir / "bin" / name
            path.write_text(COMMAND)
            path.chmod(0o755)
        self.says("scontrol", "   Command=/somewhere/attest.sbatch study.yaml run")
        self.says("sbatch", "99")

    def says(self, command, text):
        (self.dir / f"{command}.says").write_text(text + "\n")

    def calls(self, command):
        """The words of each call, with what a shell would want quoted left as it is."""
        path = self.dir / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line.removeprefix(f"{command} ") for line in lines
                if line.startswith(f"{command} ")]

    def environment(self, settings):
        slurm = {"SLURM_JOB_ID": "7", "SLURM_JOB_NAME": "named", "SLURM_JOB_NUM_NODES": "2"}
        return {"PATH": f"{self.dir}/bin:{os.environ['PATH']}", "ATTEST": "attest", **slurm,
                **{k: str(v) for k, v in settings.items()}}

    def job(self, expect, template="attest", **settings):
        """One job of a template; what it says."""
        done = subprocess.run([SOURCE_DIR / "jobs" / f"{template}.sbatch", "study.yaml", "run"],
                              cwd=self.dir, env=self.environment(settings), text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout + done.stderr

    @staticmethod
    def status(code, over=3):
        return f' "over": {over},\n "exit_code": {code}'

    DRAINED = status(75)

    def test_what_is_done_is_not_gone_on_with(self):
        self.job(0, LEAVES=self.status(0))
        self.assertEqual(self.calls("srun"), ["--mpi=pmix --kill-on-bad-exit=0 attest run "
                                              "study.yaml -o run"])
        self.assertEqual(self.calls("scontrol") + self.calls("sbatch"), [])

    def test_the_programs_code_is_the_jobs_whatever_the_launcher_says(self):
        self.job(3, LEAVES=self.status(3), CODE=9)
        self.job(9, CODE=9)

    def test_work_that_is_left_goes_back_into_the_queue(self):
        self.job(75, LEAVES=self.DRAINED, CODE=1)
        self.assertEqual(self.calls("scontrol"), ["requeue 7"])

    def test_a_launcher_that_fails_does_not_repeat_what_the_last_run_said(self):
        self.job(75, LEAVES=self.DRAINED)
        self.job(1, CODE=1)
        self.assertEqual(self.calls("scontrol"), ["requeue 7"])  # of the first

    def test_a_job_of_its_own_goes_on_where_requeueing_is_forbidden(self):
        said = self.job(75, LEAVES=self.DRAINED, ATTEST_GO_ON="resubmit")
        self.assertIn("job 99 goes on", said)
        self.assertEqual(self.calls("sbatch"), [
            "--parsable --job-name=named --dependency=afterany:7 --export=ALL,ATTEST_SHARDS=0 "
            "/somewhere/attest.sbatch study.yaml run"])

    def test_stop_stops(self):
        self.job(75, LEAVES=self.DRAINED, ATTEST_GO_ON="stop")
        self.assertEqual(self.calls("scontrol") + self.calls("sbatch"), [])

    def test_a_run_in_which_nothing_ends_does_not_go_on_for_ever(self):
        checkpoints = self.dir / "run" / "checkpoints"
        checkpoints.mkdir(parents=True)  # it stays when its last file is gone
        self.assertIn("a longer --time is needed", self.job(75, LEAVES=self.status(75, over=0)))
        self.assertEqual(self.calls("scontrol"), [])
        (checkpoints / "task-0").touch()
        self.job(75, LEAVES=self.status(75, over=0) + " ")
        self.assertEqual(self.calls("scontrol"), ["requeue 7"])

    def test_an_element_of_an_array_speaks_of_itself_only(self):
        # number 7 is the whole array as well
        element = {"SLURM_ARRAY_JOB_ID": 7, "SLURM_ARRAY_TASK_ID": 3, "SLURM_ARRAY_TASK_COUNT": 3}
        self.job(75, LEAVES=self.DRAINED, **element)
        self.assertIn("-o run/shard-3 --shard 3/3", self.calls("srun")[0])
        self.assertEqual(self.calls("squeue"), ["--noheader --jobs=7_3 --format=%L"])
        self.assertEqual(self.calls("scontrol"), ["requeue 7_3"])
        self.job(75, LEAVES=self.DRAINED + " ", ATTEST_GO_ON="resubmit", **element)
        self.assertIn("afterany:7_3 --export=ALL,ATTEST_SHARDS=3 --array=3 ",
                      self.calls("sbatch")[0])

    def test_nothing_is_started_that_ends_after_the_notice(self):
        for left, until in (("10:00", 480), ("2:00:00", 7080), ("1-02:03:04", 93664),
                            ("08:09", 369), ("2:00", None), ("UNLIMITED", None), ("", None)):
            (self.dir / "calls").unlink(missing_ok=True)
            self.says("squeue", left)
            self.job(0)
            words = f" --until {until}s" if until else ""
            self.assertTrue(self.calls("srun")[0].endswith(f"-o run{words}"), left)

    def test_usr1_is_handed_on(self):
        for launcher, how in (("srun", ["--signal=USR1 7"]), ("mpirun", [])):
            for name in ("drained", "launched", "calls"):
                (self.dir / name).unlink(missing_ok=True)
            process = self.background(
                [SOURCE_DIR / "jobs" / "attest.sbatch", "study.yaml", launcher],
                self.environment({"LAUNCHER": launcher, "DRAIN": 1, "LEAVES": self.DRAINED}))
            self.wait_for((self.dir / "launched").exists, launcher)
            process.send_signal(signal.SIGUSR1)
            self.assertEqual(process.wait(timeout=60), 75, self.said())
            self.assertEqual(self.calls("scancel"), how)
            self.assertEqual(self.calls("scontrol"), ["requeue 7"])

    def test_another_launcher_is_refused(self):
        self.assertIn("'qsub' is neither srun nor mpirun", self.job(2, LAUNCHER="qsub"))

    def test_an_array_is_submitted_with_the_job_that_merges(self):
        said = self.job(0, "array", SLURM_JOB_ID="", ATTEST_SBATCH="-p long")
        self.assertIn("job 99 computes 8 shards, job 99 merges them", said)
        elements, merge = self.calls("sbatch")
        self.assertRegex(elements, r"^--parsable -p long --job-name=attest-run --array=1-8 "
                                   r"--output=run.shards/shard-%a.log \S+/jobs/attest.sbatch "
                                   r"study.yaml run.shards$")
        self.assertIn("--dependency=afterany:99 ", merge)
        self.assertTrue(merge.endswith("/jobs/array.sbatch study.yaml run 8"), merge)

    def test_the_merge_waits_for_shards_that_go_on_and_for_no_others(self):
        for shard in (1, 5):
            folder = self.dir / "run.shards" / f"shard-{shard}"
            folder.mkdir(parents=True)
            (folder / "journal").touch()
        self.says("squeue", "12\n11\n12")
        self.job(0, "array")
        self.assertIn("--dependency=afterany:11:12 ", self.calls("sbatch")[0])
        self.assertRegex(self.calls("squeue")[0], r"--user=\S+ --name=attest-run ")
        self.assertEqual(self.calls("attest"), [])
        (self.dir / "squeue.says").unlink()
        self.job(0, "array")
        self.assertEqual(self.calls("attest"),
                         ["merge run.shards/shard-1 run.shards/shard-5 -o run"])


if __name__ == "__main__":
    unittest.main()
