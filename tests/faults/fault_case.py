"""What the tests of single faults share: a study of sleeping tasks, and a run of it
of which parts can be killed."""
import os
import signal

import journal
import processes
from harness import PROBE, Case

SLEEP = """\
name: sleep
seed: 5
limits: {task_time: 60s, retries: %d}
sweeps:
  - construction: probe
    grid: {i: {from: 0, to: %d, step: 1}, seconds: %s}
"""


class FaultCase(Case):
    """A run of the probe in the background, of which parts can be killed."""

    def setUp(self):
        super().setUp()
        self.mark = f"{os.getpid()}-{self.id()}"
        self.addCleanup(processes.end_all, self.mark)

    def launch(self, *args, launcher=()):
        """A run in the background, which carries the mark."""
        return self.background([*launcher, PROBE, "run", *args],
                               {processes.MARK: self.mark})

    def run_probe(self, *args, **kwargs):
        return self.attest("run", *args, program=PROBE, **kwargs)

    def find(self, kind, rank=0):
        found = [p for p in processes.marked(self.mark) if p.kind == kind and p.rank == rank]
        self.assertTrue(found, f"no {kind} of rank {rank}")
        return found[0]

    def kill(self, kind, rank=0, number=signal.SIGKILL):
        victim = self.find(kind, rank)
        processes.send(victim, number)
        return victim

    def rows(self, run="run"):
        return journal.rows(journal.read(self.dir / run / "journal"))

    def wait_for_journal(self, n, run="run"):
        self.wait_for(lambda: len(self.rows(run)) >= n, f"{n} rows in the journal of {run}")

    def assert_each_row_once(self, run="run"):
        keys = [r.key for r in self.rows(run)]
        self.assertEqual(len(keys), len(set(keys)))
