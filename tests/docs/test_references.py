"""What the documents point at is there: files, links, tests by name."""
import fnmatch
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(os.environ["SOURCE_DIR"])
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "packaging" / "README.md",
             *(ROOT / "docs").glob("**/*.md")]
KINDS = ("arch|bench|cli|cluster|contract|docs|faults|fuzz|interop|mpi|mutation|runs|unit|"
         "variants")
FOLDERS = "cmake|configs|docs|include|jobs|packaging|python|src|tests"


class References(unittest.TestCase):
    """Every document of the tree but the source itself."""

    def every(self, pattern, at_least):
        """(document, what the pattern found in it), of all documents."""
        found = [(path, m[1]) for path in DOCUMENTS
                 for m in re.finditer(pattern, path.read_text())]
        self.assertGreaterEqual(len(found), at_least)
        return found

    def test_no_link_is_dead(self):
        for path, target in self.every(r"\]\(((?!https?:)[^)#]+)", 20):
            self.assertTrue((path.parent / target).exists(), f"{path}: {target}")

    def test_files_that_are_named_exist(self):
        for path, name in self.every(rf"`((?:{FOLDERS})/[\w./*-]+)", 30):
            self.assertTrue(any(ROOT.glob(name)), f"{path}: {name}")

    def test_tests_that_are_named_exist(self):
        listed = subprocess.run([os.environ["CTEST"], "--test-dir", os.environ["BUILD_DIR"], "-N"],
                                capture_output=True, text=True, check=True).stdout
        names = re.findall(r"Test +#\d+: (\S+)", listed)
        for path, name in self.every(rf"`((?:{KINDS})\.[\w.*-]+)`", 30):
            if not name.endswith((".h", ".c")):
                self.assertTrue(fnmatch.filter(names, name), f"{path}: {name}")

    def test_what_begins_like_a_program_can_be_started_and_nothing_else(self):
        for folder in ("jobs", "python", "tests"):
            for path in (ROOT / folder).rglob("*"):
                if path.is_file():
                    with open(path, "rb") as file:
                        program = file.read(2) == b"#!"
                    self.assertEqual(program, os.access(path, os.X_OK), path)


if __name__ == "__main__":
    unittest.main()
