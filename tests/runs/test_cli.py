"""What the program says to people: words, faults in studies."""
import json
import os
import re
import subprocess
import unittest

from harness import ATTEST, Case


class Words(Case):
    """What the program says to people."""

    def commands(self):
        text = self.attest("--help").stdout
        names = re.findall(r"^  ([a-z]+) ", text, re.M)
        self.assertIn("run", names)
        return [n for n in names if n not in ("attest", "mpirun")]

    def test_every_help_fits_a_screen_and_shows_an_example(self):
        for name in self.commands():
            with self.subTest(name):
                text = self.attest(name, "--help").stdout
                self.assertIn("example:", text)
                self.assertTrue(text.startswith(f"usage: attest {name}"))
                self.assertLessEqual(len(text.splitlines()), 24)
                self.assertLessEqual(max(map(len, text.splitlines())), 80)

    def test_misspelt_words_are_answered_with_the_nearest(self):
        for args, hint in ((["rnu"], "did you mean 'run'?"),
                           (["plan", "x.yaml", "--corse", "4"], "did you mean --cores?"),
                           (["describe", "hardmx"], "did you mean 'hardmax'?")):
            with self.subTest(args):
                self.assertIn(hint, self.attest(*args, expect=2).stderr)

    def test_missing_operands_are_usage_errors(self):
        for name in ("plan", "run", "status", "check", "verify", "show", "rebuild", "describe"):
            with self.subTest(name):
                self.assertIn("usage: attest", self.attest(name, expect=2).stderr)

    def test_list_and_describe_name_every_construction(self):
        text = self.attest("list").stdout
        self.assertIn("hardmax", text)
        described = self.attest("describe", "hardmax").stdout
        for word in ("parameters:", "metrics:", "claims:", "hardmax.blocks", "example sweep:"):
            self.assertIn(word, described)

    def test_a_full_disk_is_noticed(self):
        if not os.path.exists("/dev/full"):
            self.fail("this test needs /dev/full")
        with open("/dev/full", "w") as full:
            done = subprocess.run([ATTEST, "list"], stdout=full, stderr=subprocess.PIPE,
                                  text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot write", done.stderr)


class Studies(Case):
    """What is wrong in a study is said with its place, and nothing is written."""

    HEAD = "name: x\nseed: 1\nsweeps:\n  - construction: spin\n    grid: "

    def refused(self, text, *words):
        study = self.study(text)
        done = self.attest("run", study, "-o", "out", expect=2)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertFalse((self.dir / "out").exists())

    def test_faults_are_refused_with_exit_2(self):
        head = self.HEAD
        self.refused(head + "{i: [2, 32.5]}\n", "study.yaml:5:", "32.5", "integer", "^")
        self.refused(head + "{j: 3}\n", "study.yaml:5:", "'j'")
        self.refused(head + "{i: 1, i: 2}\n", "study.yaml:5:", "i")
        self.refused(head + "{i: []}\n", "study.yaml:5:", "empty")
        self.refused(head + "{i: {from: 0, to: 1000000000000, step: 1}, "
                     "flops: {from: 0, to: 1000000, step: 0.001}}\n", "study.yaml:")
        self.refused(head + "{i: 1, flops: {expr: 'i +'}}\n", "study.yaml:5:")
        self.refused(head + "{i: 1, flops: {expr: '(function() while true do end end)()'}}\n",
                     "study.yaml:5:")
        self.refused(head + "{i: 1, flops: {expr: 'nil + i'}}\n", "study.yaml:5:")
        self.refused("name: x\nseed: 1\nsweps: []\n", "did you mean", "sweeps")

    def test_several_faults_are_said_at_once(self):
        study = self.study("name: x\nseed: 1\nsweeps:\n  - construction: spin\n"
                           "    grid: {i: 1.5, flps: 2}\n    replicates: -1\n")
        text = self.attest("plan", study, expect=2).stderr
        self.assertGreaterEqual(len(re.findall(r"study.yaml:\d+:\d+:", text)), 3)

    def test_a_missing_study_is_said(self):
        self.assertIn("nowhere.yaml", self.attest("run", "nowhere.yaml", expect=1).stderr)

    def test_a_folder_that_is_no_run_folder_is_said(self):
        (self.dir / "empty").mkdir()
        for command in ("run", "plan", "show", "check", "report"):
            self.assertIn("no run folder: there is no study.yaml in it",
                          self.attest(command, "empty", expect=1).stderr, command)
        self.assertIn("is no run folder", self.attest("merge", "empty", "-o", "x", expect=1).stderr)

    def test_what_may_not_be_read_is_told_from_what_is_not_there(self):
        self.attest("run", self.study(self.HEAD + "{i: 1}\n"), "-o", "run")
        os.chmod(self.dir, 0o755)
        os.chmod(self.dir / "run", 0)
        self.addCleanup(os.chmod, self.dir / "run", 0o755)
        nobody = {"user": 65534} if os.getuid() == 0 else {}
        for command in ("show", "stop", "store"):
            done = subprocess.run([ATTEST, command, "run"], cwd=self.dir, text=True, check=False,
                                  capture_output=True, timeout=60, **nobody)
            self.assertRegex(done.stderr, "cannot read .*run.*: Permission denied", command)

    def test_a_run_folder_cannot_be_a_file(self):
        study = self.study(self.HEAD + "{i: 1}\n")
        self.assertIn("cannot create the folder study.yaml: Not a directory",
                      self.attest("run", study, "-o", "study.yaml", expect=1).stderr)

    def test_a_study_may_come_through_a_pipe(self):
        text = self.HEAD + "{i: 1}\n"
        done = subprocess.run([ATTEST, "plan", "/dev/stdin"], input=text, cwd=self.dir, text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        endless = subprocess.run(f"yes | {ATTEST} plan /dev/stdin", shell=True, cwd=self.dir,
                                 text=True, capture_output=True, timeout=60, check=False)
        self.assertEqual(endless.returncode, 2)
        self.assertIn("larger than 16 MiB", endless.stderr)

    def test_marks_and_line_ends_of_other_systems_are_read(self):
        plain = self.HEAD + "{i: 1}\n"
        for text in ("\ufeff" + plain, plain.replace("\n", "\r\n")):
            path = self.dir / "other.yaml"
            path.write_bytes(text.encode())
            self.assertIn("total: 1 task,", self.attest("plan", path).stdout)

    def test_a_condition_that_leaves_nothing_is_said(self):
        study = self.study(self.HEAD + "{i: 1}\n    where: i > 1\n")
        self.assertIn("study.yaml:6: `where` drops every point of sweep 'spin'",
                      self.attest("plan", study).stderr)

    def test_a_grid_of_ten_million_points_is_counted(self):
        study = self.study("name: big\nseed: 1\nreplicates: 5\nsweeps:\n  - construction: spin\n"
                           "    grid: {i: {from: 1, to: 2000000, step: 1}, flops: [0, 1, 2, 3, 4]}\n"
                           "    where: flops < 4\n")
        plan = json.loads(self.attest("plan", study, "--json").stdout)
        self.assertEqual(plan["points"], 10_000_000)
        self.assertEqual(plan["dropped"], 2_000_000)
        self.assertEqual(plan["tasks"], 40_000_000)


if __name__ == "__main__":
    unittest.main()
