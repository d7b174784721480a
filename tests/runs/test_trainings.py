"""Trainings that are killed go on from their checkpoints, with the same bits."""
import os
import pathlib
import signal
import unittest

from harness import Case, column

# Some 3.5e11 flops, a checkpoint every 1e11: the task is long for a test, and
# short enough to be run twice.
STUDY = """
name: training
seed: 7
limits: {retries: 1}
sweeps:
  - name: net
    construction: selection_fcn
    grid: {L: 10, d: 4, q: 2, width: 256, depth: 2, steps: 2000, dtype: f32, samples: 512}
    observe: {step: [1, 500, 1900]}
"""


def lane_of(process):
    """The process that trains: the youngest lane among the descendants."""
    children = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(entry.name))
    leaf = process.pid
    while leaf in children:
        leaf = max(children[leaf])
    return leaf


class Trainings(Case):
    def start_one(self):
        """A training that has left a checkpoint."""
        study = self.study(STUDY)
        self.attest("run", study, "-o", "whole", "--lanes", 1)
        process = self.start("run", study, "-o", "broken", "--lanes", 1)
        folder = self.dir / "broken" / "checkpoints"
        # a file under its last name: a temporary one is no checkpoint yet
        self.wait_for(lambda: any(f.suffix != ".tmp" for f in folder.glob("*")),
                      "a checkpoint", seconds=240)
        return process

    def check(self):
        self.assert_same_science("whole", "broken")
        self.assertEqual(column(self.dir / "whole" / "results.h5", "net", "resumed_at")[0], 0)
        self.assertGreater(column(self.dir / "broken" / "results.h5", "net", "resumed_at")[0], 0)
        self.assertFalse(any((self.dir / "broken" / "checkpoints").glob("*")))

    def test_a_killed_run_goes_on_in_the_middle_of_a_training(self):
        process = self.start_one()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.attest("run", "broken")
        self.check()

    def test_a_killed_lane_costs_what_was_trained_since_the_checkpoint(self):
        process = self.start_one()
        lane = lane_of(process)
        self.assertNotEqual(lane, process.pid)
        os.kill(lane, signal.SIGKILL)
        code = process.wait(timeout=240)
        self.assertEqual(code, 0, self.said())
        self.check()


if __name__ == "__main__":
    unittest.main()
