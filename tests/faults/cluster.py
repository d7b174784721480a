"""The fault campaign's second host: the three-node Slurm of tests/cluster."""
import os
import pathlib
import shlex
import time

import processes
from campaign import Host
from harness import PROBE
from slurm import NODES, SCRIPT, Slurm, on


class Cluster(Slurm, Host):
    """One rank per node under srun; whole nodes and their slurmd die, too."""

    VICTIMS = {"lane": 3, "zygote": 2, "worker": 4, "coordinator": 4, "launcher": 3,
               "slurmd": 3, "node": 4, "everything": 1}
    MODES = ("srun",)
    END_S = 180.0
    LAUNCHER_S = 10.0  # srun 22.05 --no-kill waits for the tasks of a dead node for ever

    # ---- a run -------------------------------------------------------------

    def srun(self, folder, *words):
        """srun from the head node; survivors of a death live on."""
        line = shlex.join(["srun", "-N3", "--ntasks-per-node=1", "--mpi=pmix", "--no-kill",
                           "--kill-on-bad-exit=0", "--time=10", PROBE, *map(str, words)])
        return [SCRIPT, "on", "head", f"cd {folder} && exec {line}"]

    def command(self, mode, folder, run):
        return self.srun(folder, *self.words(run))

    # ---- who can die -----------------------------------------------------------

    def slurmd(self, node):
        """The daemon of a node, or None when it is dead."""
        try:
            pid = int((self.folder / f"slurmd.{node}.pid").read_text())
            name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
            net = os.readlink(f"/proc/{pid}/ns/net")
        except (OSError, ValueError):
            return None
        return processes.Process(pid, name, "slurmd", -1, 0, net) if name == "slurmd" else None

    def everybody_on(self, node):
        """Every process in the namespace of a node: its plug is pulled."""
        daemon = self.slurmd(node)
        if daemon is None:
            return []
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/ns/net") == daemon.net:
                    environment = processes.environment_of(pid)
                    rank = int(environment.get(b"PMIX_RANK", b"-1"))
                    found.append(processes.Process(int(pid), "", "other", rank, 0, daemon.net))
            except (OSError, ValueError):
                continue
        return found

    def choose(self, victim, alive, rng):
        if victim == "slurmd":
            return [d for d in (self.slurmd(rng.choice(NODES)),) if d]
        if victim == "node":
            return self.everybody_on(rng.choice(NODES))
        return super().choose(victim, alive, rng)

    # ---- what an administrator does afterwards -----------------------------------

    def idle(self):
        return on("head", "sinfo", "-h", "-o", "%T %D").stdout.strip() == "idle 3"

    def repair(self):
        """Dead daemons start again, jobs without processes end, nodes are idle."""
        if self.idle() and all(map(self.slurmd, NODES)):
            return
        for node in NODES:
            if self.slurmd(node) is None:
                on(node, "slurmd", "-N", node, "-f", f"{self.folder}/slurm.conf")
        deadline = time.monotonic() + 120
        while not self.idle():
            if time.monotonic() > deadline:
                raise RuntimeError("the cluster does not become idle again:\n"
                                   + on("head", "sinfo", "-lN").stdout
                                   + on("head", "squeue").stdout)
            on("head", "scancel", "--user=root")
            for node in NODES:
                on("head", "scontrol", "update", f"nodename={node}", "state=resume")
            time.sleep(0.5)
