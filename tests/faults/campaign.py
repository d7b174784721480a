"""The fault campaign: kill anything at any moment, resume, compare.

A round starts the study, lets one to three faults happen to it, resumes it
until it is done, and asks:
  - is every row that stood in the journal before a fault still there (lost)?
  - was any task computed again that had been acknowledged (doubled)?
  - is the store that of an undisturbed run in every science column?
  - does `attest verify` agree, and is nothing left behind: no process, no
    temporary file?

A fault is a victim (a lane, its zygote, a worker rank, the coordinator, the
launcher, everything at once), a signal (KILL, SEGV, or STOP and later CONT or
KILL), and a moment (while it starts, after some rows, while the store is
written).  One more kind suspends the coordinator until its lock has gone stale
and another has taken over, and then lets it go on.

Rounds are numbered; round k of seed S is the same experiment whenever it is
asked for.  Which instruction the signal hits is left to chance.
"""
import json
import os
import random
import shutil
import signal
import subprocess
import time
from typing import NamedTuple

import journal
import processes
from harness import MPIRUN, PROBE, differences, spawn

# Sleeps, products, slices, tasks that kill their lane and go on from their
# checkpoint, a search: some 300 tasks, about a second on three ranks.
STUDY = """\
name: faults
seed: 29
replicates: 2
limits: {task_time: 60s, retries: 9}
sweeps:
  - construction: probe
    grid: {i: {from: 0, to: 79, step: 1}, seconds: 0.004}
  - name: sliced
    construction: probe
    grid: {i: {from: 100, to: 109, step: 1}, seconds: 0.002, slices: 3}
  - name: resumed
    construction: probe
    grid: {i: [200, 201, 202], what: resume}
  - construction: hardmax
    grid: {N: [2, 8], d: [2, 8], L: [1, 8], dtype: [f64, f32]}
  - name: searched
    construction: hardmax
    grid: {N: [4, 8], d: 2}
    find: {smallest: L, such_that: w_max > 100, between: [1, 32]}
  - construction: spin
    grid: {i: {from: 0, to: 29, step: 1}, flops: 3e5}
"""

MOST_ATTEMPTS = 15
INFINITY = float("inf")
LEFTOVER_S = 30.0   # an attempt that is over leaves no process behind after this
STALE_LOCK_S = 200  # older than ATT_LOCK_STALE_S


class Fault(NamedTuple):
    victim: str
    signal: str   # KILL, SEGV, STOP, FENCE
    moment: str   # start, rows, store
    where: float  # 0 .. 1: how far into the moment
    pause: float  # seconds a suspended victim sleeps
    then: str     # CONT, KILL: what ends the sleep


class Host:
    """How a study is started on one machine, and who can die there."""

    VICTIMS = {"lane": 4, "zygote": 2, "worker": 4, "coordinator": 4, "launcher": 3,
               "everything": 2}
    MODES = ("alone", "mpirun", "mpirun", "recovery")
    END_S = 60.0          # an attempt that a fault hit ends by itself within this
    LAUNCHER_S = INFINITY  # as long may the launcher outlive all ranks

    def words(self, run):
        return ["run", "study.yaml", "-o", run, "--progress", "none", "--lost-after", "2s",
                "--store-every", "100ms"]

    def command(self, mode, folder, run):
        """What is started in folder."""
        if mode == "alone":
            return [PROBE, *self.words(run), "--lanes", "2"]
        launcher = [MPIRUN, "-n", "3"]
        if mode == "recovery":
            launcher.append("--enable-recovery")
        return [*launcher, PROBE, *self.words(run)]

    def choose(self, victim, alive, rng):
        """The processes that a fault hits."""
        if victim == "everything":
            return alive
        kinds = {"worker": lambda p: p.kind == "rank" and p.rank > 0,
                 "coordinator": lambda p: p.kind == "rank" and p.rank == 0}
        match = kinds.get(victim, lambda p: p.kind == victim)
        candidates = [p for p in alive if match(p)]
        return [rng.choice(candidates)] if candidates else []

    def repair(self):
        """Bring back what is not attest's to bring back."""

    def close(self):
        """Stop what was started for the campaign."""


class Tally:
    """What the summary says."""

    def __init__(self):
        self.rounds = self.faults = self.attempts = 0
        self.lost = self.doubled = self.unequal = self.left_behind = 0
        self.hung = self.launchers = 0
        self.wasted_s = self.computed_s = self.longest_end_s = 0.0
        self.by = {}
        self.failures = []

    def summary(self):
        kinds = "  ".join(f"{k} {n}" for k, n in sorted(self.by.items()))
        return (f"campaign: {self.rounds} rounds, {self.faults} faults, {self.attempts} attempts\n"
                f"  rows lost {self.lost}, rows doubled {self.doubled}, "
                f"stores unequal {self.unequal}, left behind {self.left_behind}\n"
                f"  wasted at most {self.wasted_s:.2f} task-seconds of {self.computed_s:.2f} "
                f"({self.wasted_s / max(self.faults, 1):.4f} per fault)\n"
                f"  attempts ended by hand {self.hung}, launchers that outlived all ranks "
                f"{self.launchers}, longest end after a fault {self.longest_end_s:.1f} s\n"
                f"  {kinds}")


class Campaign:
    """Rounds over one study in one folder."""

    def __init__(self, folder, seed, host=None):
        self.folder = folder
        self.seed = seed
        self.host = host or Host()
        self.tally = Tally()
        (folder / "study.yaml").write_text(STUDY)
        done = subprocess.run([PROBE, "run", "study.yaml", "-o", "undisturbed", "--progress",
                               "none", "--lanes", "2"], cwd=folder, check=False,
                              capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        self.n_tasks = self.status("undisturbed")["over"]
        self.n_bytes = (folder / "undisturbed" / "journal").stat().st_size

    def status(self, run):
        return json.loads((self.folder / run / "status.json").read_text())

    def is_done(self, run):
        try:
            status = self.status(run)
            return (status["state"] == "finished" and status["exit_code"] == 0
                    and status["kept"] + status["over"] == self.n_tasks)
        except (OSError, ValueError, KeyError):
            return False

    def run(self, n_rounds, first=0):
        """True when nothing was lost, doubled, unequal or left behind."""
        for k in range(first, first + n_rounds):
            for again in range(20):  # until a fault came before the end
                round_ = Round(self, k, again)
                try:
                    faults = round_.play()
                finally:
                    processes.end_all(round_.mark)
                    self.host.repair()
                if faults:
                    break
            self.tally.rounds += 1
            if not round_.complaints:
                shutil.rmtree(self.folder / round_.run)
                continue
            for complaint in round_.complaints:
                text = f"seed {self.seed} round {k}: {complaint}"
                self.tally.failures.append(text)
                print(text, flush=True)
        return not self.tally.failures


class Round:
    """One study, from its first attempt to its store."""

    def __init__(self, campaign, k, again):
        self.c = campaign
        self.rng = random.Random(f"{campaign.seed}/{k}/{again}")
        self.run = f"round-{k}-{again}"
        self.mark = f"{os.getpid()}-{campaign.seed}-{k}-{again}"
        self.mode = self.rng.choice(campaign.host.MODES)
        self.complaints = []
        self.seen = set()  # keys that stood in the journal before a fault
        self.n_faults = 0
        self.started = []

    # ---- what is read ------------------------------------------------------

    @property
    def journal(self):
        return self.c.folder / self.run / "journal"

    def size(self):
        try:
            return self.journal.stat().st_size
        except FileNotFoundError:
            return 0

    def note_rows(self):
        """Everything in the journal now must be there for ever."""
        rows = journal.rows(journal.read(self.journal))
        self.seen |= {r.key for r in rows if r.status == journal.DONE}
        return rows

    # ---- attempts ------------------------------------------------------------

    def start(self):
        process = spawn(self.c.host.command(self.mode, self.c.folder, self.run),
                        self.c.folder, self.c.folder / f"{self.run}.log",
                        {processes.MARK: self.mark})
        self.started.append(process)
        self.c.tally.attempts += 1
        return process

    def end(self, process, since):
        """Wait until the attempt is over; by hand when it does not end."""
        ours = since  # when one of attest's own processes was last seen
        while process.poll() is None and time.monotonic() < since + self.c.host.END_S:
            if any(p.kind != "launcher" for p in processes.marked(self.mark)):
                ours = time.monotonic()
            elif time.monotonic() - ours > self.c.host.LAUNCHER_S:
                self.c.tally.launchers += 1
                processes.end_all(self.mark)
            time.sleep(0.02)
        self.c.tally.longest_end_s = max(self.c.tally.longest_end_s, ours - since)
        if process.poll() is None:
            self.c.tally.hung += 1
            self.complaints.append(f"{self.mode}: not over {self.c.host.END_S:.0f} s after "
                                   "a fault")
            processes.end_all(self.mark)
        process.wait()

    def settle(self):
        """The lock's rules let the next attempt in once all are gone."""
        left = processes.wait_until_gone(self.mark, LEFTOVER_S)
        if left:
            self.c.tally.left_behind += len(left)
            self.complaints.append(f"{self.mode}: left behind {left}")
            processes.end_all(self.mark)

    def play(self):
        """Attempts until done; the number of faults that came in time."""
        n_planned = self.rng.choice((1, 1, 2, 3))
        for _ in range(MOST_ATTEMPTS):
            process = self.start()
            if self.n_faults < n_planned:
                self.inject(self.draw(), process)
            since = time.monotonic()
            self.end(process, since)
            self.settle()
            for other in self.started:
                other.wait()
            self.c.host.repair()
            if self.c.is_done(self.run):
                break
            self.look_from_outside()
            self.check_promise()
        else:
            self.complaints.append(f"not done after {MOST_ATTEMPTS} attempts")
        if self.n_faults > 0:
            self.judge()
        else:
            shutil.rmtree(self.c.folder / self.run)
        if not self.complaints:
            (self.c.folder / f"{self.run}.log").unlink()
        return self.n_faults

    def look_from_outside(self):
        """`attest status` after a death, from the folder alone."""
        if not (self.c.folder / self.run / "status.json").exists():
            return
        done = self.attest("status", self.run)
        if done.returncode != 0 or "last heard of" not in done.stdout:
            self.complaints.append(f"status: {done.stdout}{done.stderr}")

    def check_promise(self):
        """What status.json counted as done stands in the journal."""
        try:
            status = self.c.status(self.run)
        except (OSError, ValueError):
            return
        keys = {r.key for r in journal.rows(journal.read(self.journal))}
        missing = status["kept"] + status["over"] - len(keys)
        if missing > 0:
            self.c.tally.lost += missing
            self.complaints.append(f"{self.mode}: {missing} rows were counted and are not there")

    def attest(self, *words):
        return subprocess.run([PROBE, *words], cwd=self.c.folder, text=True, check=False,
                              capture_output=True, timeout=60)

    # ---- faults ----------------------------------------------------------------

    def draw(self):
        rng, victims = self.rng, self.c.host.VICTIMS
        return Fault(victim=rng.choices(list(victims), list(victims.values()))[0],
                     signal=rng.choice(("KILL", "KILL", "KILL", "SEGV", "STOP", "FENCE")),
                     moment=rng.choice(("start", "rows", "rows", "rows", "store")),
                     where=rng.random(), pause=rng.uniform(0.05, 2.5),
                     then=rng.choice(("CONT", "CONT", "KILL")))

    def wait_for_moment(self, fault, process, size):
        """False when the attempt ended before."""
        began = time.monotonic()
        target = size + fault.where * max(self.c.n_bytes - size, 0)
        while process.poll() is None:
            if fault.moment == "start" and time.monotonic() - began > 0.8 * fault.where:
                return True
            if fault.moment == "rows" and self.size() > max(target, 1):
                return True
            if fault.moment == "store" and any(
                    self.journal.parent.glob("results.h5.*.tmp")):
                return True
            time.sleep(0.001)
        return False

    def inject(self, fault, process):
        size = self.size()
        if not self.wait_for_moment(fault, process, size):
            return
        self.note_rows()
        alive = processes.marked(self.mark)
        victim = "coordinator" if fault.signal == "FENCE" else fault.victim
        victims = self.c.host.choose(victim, alive, self.rng)
        if not victims:
            return
        self.n_faults += 1
        self.c.tally.faults += 1
        name = f"{victim}/{fault.signal}"
        self.c.tally.by[name] = self.c.tally.by.get(name, 0) + 1
        hit = time.time()
        if fault.signal == "STOP":
            self.suspend(victims, fault)
        elif fault.signal == "FENCE":
            self.fence(victims, fault)
        else:
            for v in victims:
                processes.send(v, getattr(signal, f"SIG{fault.signal}"))
        self.count_waste(victim, victims, size, hit)

    def suspend(self, victims, fault):
        for v in victims:
            processes.send(v, signal.SIGSTOP)
        time.sleep(fault.pause)
        for v in victims:
            processes.send(v, getattr(signal, f"SIG{fault.then}"))
            processes.send(v, signal.SIGCONT)

    def fence(self, victims, fault):
        """The coordinator sleeps until it has been replaced, and wakes up."""
        lock = self.c.folder / self.run / "lock"
        for v in victims:
            processes.send(v, signal.SIGSTOP)
        if lock.exists():
            old = time.time() - STALE_LOCK_S
            os.utime(lock, (old, old))
            second = self.start()
            size, deadline = self.size(), time.monotonic() + fault.pause
            while second.poll() is None and time.monotonic() < deadline and self.size() == size:
                time.sleep(0.001)
            time.sleep(fault.pause * fault.where)
        for v in victims:
            processes.send(v, signal.SIGCONT)

    def count_waste(self, victim, victims, size, hit):
        """At most what lanes had begun and not delivered when they died."""
        rows = [r for r in journal.rows(journal.read(self.journal)) if r.offset >= size]
        first = min((r.start for r in rows), default=hit)
        ends = {}
        for row in rows:
            if row.start + row.wall <= hit:
                ends[(row.rank, row.lane)] = row.start + row.wall
        for lane in self.lanes_hit(victim, victims, ends):
            self.c.tally.wasted_s += max(0.0, hit - ends.get(lane, first))

    def lanes_hit(self, victim, victims, ends):
        if victim == "lane":
            return [(v.rank, v.lane) for v in victims]
        if victim == "slurmd":
            return []
        if victim in ("worker", "zygote", "node"):
            ranks = {v.rank for v in victims}
            return [lane for lane in ends if lane[0] in ranks]
        return list(ends)

    # ---- the verdict -------------------------------------------------------------

    def judge(self):
        tally = self.c.tally
        rows = [r for r in journal.rows(journal.read(self.journal)) if r.status == journal.DONE]
        keys = [r.key for r in rows]
        tally.computed_s += sum(r.wall for r in rows)
        lost = len(self.seen - set(keys))
        doubled = len(keys) - len(set(keys))
        unequal = differences(self.c.folder / "undisturbed" / "results.h5",
                              self.c.folder / self.run / "results.h5")
        tally.lost += lost
        tally.doubled += doubled
        tally.unequal += bool(unequal)
        temporary = [p.name for p in (self.c.folder / self.run).rglob("*.tmp")]
        tally.left_behind += len(temporary)
        verified = self.attest("verify", self.run)
        if lost or doubled or unequal or temporary or verified.returncode:
            self.complaints.append(f"{self.mode}: lost {lost}, doubled {doubled}, unequal "
                                   f"{unequal}, temporary files {temporary}, verify: "
                                   f"{verified.stdout}{verified.stderr}")
