"""Help for people: studies to start from, citations, CSV, man page, completion, terminals."""
import json
import os
import pathlib
import pty
import re
import shlex
import shutil
import subprocess
import unittest

import h5py
import pandas as pd
from harness import ATTEST, SOURCE_DIR, Case

COMPLETION = SOURCE_DIR / "packaging" / "completion"

TWO = """\
name: two
seed: 5
replicates: 2
sweeps:
  - construction: hardmax
    grid: {N: [2, 4], d: [2, 8]}
    observe: {sigma: [1.0e-6, 1.0e-2]}
  - construction: matching
    grid: {M: [7, 31]}
"""


class Friendly(Case):
    """What a new user meets."""

    def names(self):
        listed = json.loads(self.attest("list", "--json").stdout)
        return [c["name"] for c in listed["constructions"]]

    def test_init_writes_a_study_that_plans_for_every_construction(self):
        for name in self.names():
            with self.subTest(name):
                self.attest("init", "--example", name, "-o", f"{name}.yaml")
                self.attest("plan", f"{name}.yaml")
                text = (self.dir / f"{name}.yaml").read_text()
                self.assertGreater(text.count("#"), 5)

    def test_init_never_overwrites_and_names_the_nearest(self):
        self.study("mine\n")
        done = self.attest("init", "--example", "hardmax", "-o", "study.yaml", expect=2)
        self.assertIn("is there already", done.stderr)
        self.assertEqual((self.dir / "study.yaml").read_text(), "mine\n")
        done = self.attest("init", "--example", "hardmx", expect=2)
        self.assertIn("did you mean 'hardmax'?", done.stderr)
        self.assertIn("--example NAME is needed", self.attest("init", expect=2).stderr)

    def test_cite_prints_each_paper_once(self):
        self.attest("run", self.study(TWO), "-o", "two")
        text = self.attest("cite", "two").stdout
        self.assertEqual(text, self.attest("cite", "two/results.h5").stdout)
        keys = re.findall(r"^@\w+\{(\w+),$", text, re.M)
        self.assertEqual(len(keys), 2)
        self.assertEqual(text.count("{"), text.count("}"))
        twice = self.attest("cite", "hardmax", "hardmax", "two").stdout
        self.assertEqual(sorted(re.findall(r"^@\w+\{(\w+),$", twice, re.M)), sorted(keys))
        self.assertIn("nowhere", self.attest("cite", "nowhere", expect=1).stderr)

    def test_csv_holds_what_the_store_holds(self):
        self.attest("run", self.study(TWO), "-o", "two")
        self.attest("export", "two", "--csv", "-o", "csv")
        self.assertEqual(sorted(p.name for p in (self.dir / "csv").iterdir()),
                         ["claims.csv", "hardmax.csv", "hardmax.observations.csv",
                          "matching.csv"])
        frame = pd.read_csv(self.dir / "csv" / "hardmax.csv", float_precision="round_trip")
        lines = pd.read_csv(self.dir / "csv" / "hardmax.observations.csv",
                            float_precision="round_trip")
        with h5py.File(self.dir / "two" / "results.h5") as store:
            group = store["hardmax"]
            self.assertEqual(list(frame.columns), group.attrs["columns"].split())
            for name in ("N", "blocks", "code_gap", "leader_margin"):
                self.assertEqual(list(frame[name]), list(group[name][()]), name)
            self.assertEqual(list(lines["acc"].dropna()),
                             [x for x in group["observations/acc"][()] if x == x])
        self.assertEqual(set(frame["status"]), {"done"})

    def test_export_asks_for_what_it_needs(self):
        self.attest("run", self.study(TWO), "-o", "two")
        self.assertIn("-o FOLDER", self.attest("export", "two", expect=2).stderr)
        done = self.attest("export", "two", "--csv", "-o", "x", "--sweep", "matchng", expect=2)
        self.assertIn("no sweep 'matchng': did you mean 'matching'?", done.stderr)
        far = self.attest("show", "two", "--sweep", "quux", expect=2).stderr
        self.assertIn("there are hardmax, matching", far)
        forget = ("forget", "two", "--where", "N=1")
        self.assertIn("no sweep", self.attest(*forget, "--sweep", "quux", expect=2).stderr)
        self.assertIn("nothing forgotten", self.attest(*forget, "--where", "L=7").stdout)

    def test_conditions_that_no_row_could_meet_are_slips(self):
        self.attest("run", self.study(TWO), "-o", "two")
        for condition, said in (("status=don", "did you mean 'done'?"),
                                ("N>many", "N is a number, 'many' is none")):
            done = self.attest("show", "two", "--sweep", "hardmax", "--where", condition, expect=2)
            self.assertIn(said, done.stderr)
        short = self.attest("rebuild", "two", "kab", "-o", "m.h5", expect=2).stderr
        self.assertIn("too short for a key", short)

    def test_what_is_observed_inside_rows_is_no_column_of_them(self):
        self.attest("run", self.study(TWO), "-o", "two")
        for words in (("sigma",), ("--by", "sigma", "blocks")):
            done = self.attest("show", "two", "--sweep", "hardmax", *words, expect=2)
            self.assertIn("observed inside them (plot draws it, export writes it)", done.stderr)
        done = self.attest("show", "two", "--sweep", "matching", "sigma", expect=2)
        self.assertNotIn("observed", done.stderr)

    def test_a_column_is_shown_once(self):
        self.attest("run", self.study(TWO), "-o", "two")
        heading = self.attest("show", "two", "status", "blocks", "--sweep", "hardmax",
                              "--csv").stdout.splitlines()[0].split(",")
        self.assertEqual(sorted(heading), sorted(set(heading)))
        self.assertIn("blocks", heading)

    def test_every_command_is_in_the_help_and_in_the_man_page(self):
        source = (SOURCE_DIR / "src" / "cli" / "commands.def").read_text()
        listed = self.attest("--help").stdout
        page = (pathlib.Path(ATTEST).parent / "attest.1").read_text()
        for name in re.findall(r'^COMMAND\(\w+, "(\w+)"\)', source, re.M):
            self.assertRegex(listed, rf"(?m)^  {name} ")
            self.assertIn(f".SS {name}\n", page)

    @unittest.skipIf(shutil.which("groff") is None, "groff is not installed")
    def test_the_man_page_is_faultless_roff(self):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-b",
                               pathlib.Path(ATTEST).parent / "attest.1"],
                              text=True, capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("EXIT STATUS", re.sub(r"\x1b\[[0-9;]*m|.\x08", "", done.stdout))


# A run with this computes nothing: it leaves a folder with the study's columns.
NOTHING = ("--shard", "1000000/1000000", "--lanes", "1", "--progress", "none")


def shown_commands(path):
    """Commands that a comment or an indented line shows, behind a launcher or not."""
    text = re.sub(r"\\\n(?:#| )*", " ", path.read_text())
    for line in text.splitlines():
        found = re.match(r"(?:#|    ) *(?:\$ )?(?:nice |mpirun -n \d+ )*attest ([a-z]+ .*)$", line)
        if found:
            yield shlex.split(re.split(r"\s+#|\s+\(| > ", found[1])[0])


class Shown(Case):
    """Commands shown in studies and documents are what attest understands."""

    SYNOPSIS = {"DIR", "TASK", "FILE", "STUDY", "A", "NAME", "..."}

    FOR_WANT_OF_ROWS = "has nothing to draw|no column 'found'"

    def setUp(self):
        super().setUp()
        (self.dir / "configs").symlink_to(SOURCE_DIR / "configs")

    def shown(self, path):
        return [w for w in shown_commands(path) if not self.SYNOPSIS & set(w)]

    def without_rows(self, words):
        """What the command does where nothing is computed."""
        more = {"run": NOTHING, "submit": ("--dry-run",)}.get(words[0], ())
        return self.attest(*words, *more, expect=None)

    def test_every_study_is_run_and_read_as_it_says(self):
        n_read = 0
        for path in sorted((SOURCE_DIR / "configs").glob("*.yaml")):
            # shards of real size; what is merged of them; twins that are large
            commands = [w for w in self.shown(path) if "--shard" not in w and w[0] != "merge"]
            if "-cluster" in path.stem or not commands:
                commands = [["plan", f"configs/{path.name}"]]
            for words in commands:
                with self.subTest(f"{path.name}: {shlex.join(words)}"):
                    done = self.without_rows(words)
                    if done.returncode != 0:
                        self.assertRegex(done.stderr, self.FOR_WANT_OF_ROWS)
                n_read += words[0] not in ("run", "plan", "submit")
            shutil.rmtree(self.dir / "runs", ignore_errors=True)
        self.assertGreater(n_read, 40)

    def test_no_document_shows_a_usage_error(self):
        for paper in ("hardmax", "memorization", "averaging", "patterns", "selection"):
            self.without_rows(["run", f"configs/atlas-{paper}.yaml"])
        n = 0
        for path in [*(SOURCE_DIR / "docs").glob("**/*.md"), SOURCE_DIR / "README.md",
                     SOURCE_DIR / "packaging" / "README.md"]:
            for words in self.shown(path):
                if any("$" in w for w in words):
                    continue  # in a loop
                with self.subTest(f"{path.name}: {shlex.join(words)}"):
                    done = self.without_rows(words)
                    if done.returncode == 2:  # 1: what was not run here cannot be read
                        self.assertRegex(done.stderr, self.FOR_WANT_OF_ROWS)
                    n += 1
        self.assertGreater(n, 20)


class Completion(Case):
    """Each shell is asked what it would offer."""

    EXPECTED = {
        ("re",): {"rebuild", "report", "retry"},
        ("plot", "--l"): {"--line", "--log"},
        ("describe", "hardmax_"): {"hardmax_pair", "hardmax_precursor"},
        ("init", "--example", "boltz"): {"boltzmann"},
    }

    def ask(self, *command):
        path = f"{pathlib.Path(ATTEST).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(command, cwd=self.dir, env={**os.environ, "PATH": path},
                              text=True, capture_output=True, check=False, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        return done.stdout.splitlines()

    def test_bash(self):
        for words, offered in self.EXPECTED.items():
            script = (f"source {COMPLETION}/attest.bash; COMP_WORDS=(attest {' '.join(words)}); "
                      f"COMP_CWORD={len(words)}; _attest; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
            self.assertEqual(set(self.ask("bash", "-c", script)), offered)

    @unittest.skipIf(shutil.which("zsh") is None, "zsh is not installed")
    def test_zsh(self):
        for words, offered in self.EXPECTED.items():
            script = ("_describe() { print -rl -- ${(P)2} }; _files() { : }; "
                      f"words=(attest {' '.join(words)}); CURRENT={len(words) + 1}; "
                      f"source {COMPLETION}/_attest")
            found = {line.split(":")[0] for line in self.ask("zsh", "-fc", script)}
            self.assertEqual({w for w in found if w.startswith(words[-1])}, offered)

    @unittest.skipIf(shutil.which("fish") is None, "fish is not installed")
    def test_fish(self):
        for words, offered in self.EXPECTED.items():
            script = f"source {COMPLETION}/attest.fish; complete -C 'attest {' '.join(words)}'"
            found = {line.split("\t")[0] for line in self.ask("fish", "-Nc", script)}
            self.assertEqual(found, offered)


class Terminals(Case):
    """On a terminal: colours, unless NO_COLOR; pages, unless PAGER is cat."""

    def setUp(self):
        super().setUp()
        self.attest("run", self.study(TWO.replace("[2, 4]", "{from: 2, to: 40, step: 1}")),
                    "-o", "two")

    def on_a_terminal(self, *args, **env):
        """Everything that attest writes to a terminal of 24 rows."""
        home = {k: v for k, v in os.environ.items()
                if not k.startswith(("OMPI", "NO_COLOR", "PAGER"))}
        master, slave = pty.openpty()
        process = subprocess.Popen([ATTEST, *args], cwd=self.dir, stdin=slave, stdout=slave,
                                   stderr=subprocess.PIPE,
                                   env={**home, "TERM": "xterm", **env})
        os.close(slave)
        text = b""
        while True:
            try:
                block = os.read(master, 65536)
            except OSError:
                break
            if not block:
                break
            text += block
        os.close(master)
        with process:
            process.wait(timeout=60)
            process.stderr.read()
        return text.decode()

    def test_colours_come_and_go(self):
        self.assertIn("\x1b[32m", self.on_a_terminal("check", "two", PAGER="cat"))
        self.assertNotIn("\x1b", self.on_a_terminal("check", "two", PAGER="cat", NO_COLOR="1"))
        self.assertNotIn("\x1b", self.attest("check", "two").stdout)

    def test_long_tables_go_through_the_pager(self):
        args = ("show", "two", "code_gap", "--sweep", "hardmax")
        paged = self.on_a_terminal(*args, PAGER="sed s/^/PAGE-/")
        self.assertGreater(paged.count("PAGE-"), 150)  # all rows, no limit
        plain = self.on_a_terminal(*args, PAGER="cat")
        self.assertNotIn("PAGE-", plain)
        self.assertIn("more: --limit 0 shows all", plain)

    def test_short_tables_and_pipes_do_not(self):
        self.assertNotIn("PAGE-", self.on_a_terminal("show", "two", "--sweep", "matching",
                                                     PAGER="sed s/^/PAGE-/"))
        done = self.attest("show", "two", "code_gap", "--sweep", "hardmax",
                           env={"PAGER": "sed s/^/PAGE-/"})
        self.assertNotIn("PAGE-", done.stdout)

    def test_a_pager_that_is_missing_is_no_trouble(self):
        text = self.on_a_terminal("show", "two", "code_gap", "--sweep", "hardmax",
                                  PAGER="no-such-pager")
        self.assertIn("code_gap", text)

    def test_groups_have_the_statistics_that_were_asked_for(self):
        done = self.attest("show", "two", "code_gap", "--sweep", "hardmax", "--by", "d",
                           "--stat", "median,min,max", "--csv")
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0],
                         "d,done,planned,code_gap median,code_gap min,code_gap max")
        self.assertEqual(len(lines), 3)
        for line in lines[1:]:
            _, done_rows, planned, median, least, most = map(float, line.split(","))
            self.assertEqual((done_rows, planned), (78, 78))
            self.assertTrue(least <= median <= most)


if __name__ == "__main__":
    unittest.main()
