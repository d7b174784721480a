"""Run what the documents show: test_documents.py DOCUMENT.

Fenced blocks are run in the order in which they stand, in one new folder:
    yaml file=NAME   is written to NAME
    sh               is run by sh -eu, with attest on the PATH
    python           is run by Python, with python/ on its path
    octave           is run by Octave where that is installed, or always when
                     the environment has EVERY_LANGUAGE
Other blocks are only read by people.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ATTEST = pathlib.Path(os.environ["ATTEST"])
SOURCE_DIR = pathlib.Path(os.environ["SOURCE_DIR"])
FENCE = re.compile(r"^```(\S+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUNNERS = {"sh": ["sh", "-eu"], "python": [sys.executable, "-"],
           "octave": ["octave-cli", "--quiet"]}


def blocks(document):
    """(language, file name, text, line) of every fenced block."""
    text = (SOURCE_DIR / "docs" / document).read_text()
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield match[1], match[2], match[3], line


class Document(unittest.TestCase):
    """The document named on the command line."""

    name = ""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="attest-docs-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.environment = {
            **os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": str(SOURCE_DIR / "python"),
            "PATH": f"{ATTEST.parent}{os.pathsep}{os.environ['PATH']}"}

    def run_block(self, language, text, line):
        command = RUNNERS[language]
        if shutil.which(command[0]) is None and "EVERY_LANGUAGE" not in os.environ:
            return 0
        done = subprocess.run(command, input=text, cwd=self.dir, env=self.environment,
                              text=True, capture_output=True, timeout=600, check=False)
        self.assertEqual(done.returncode, 0,
                         f"docs/{self.name}:{line}\n{text}\n{done.stdout}\n{done.stderr}")
        return 1

    def test_every_block_runs(self):
        n_run = 0
        for language, file, text, line in blocks(self.name):
            if file:
                (self.dir / file).write_text(text)
            elif language in RUNNERS:
                n_run += self.run_block(language, text, line)
        self.assertGreater(n_run, 0, f"docs/{self.name} shows nothing that can be run")


if __name__ == "__main__":
    Document.name = sys.argv.pop(1)
    unittest.main()
