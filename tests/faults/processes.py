"""Who is who among the processes of a run.

Every process of a round inherits a mark in its environment, so that only what
the round itself started is ever looked at or killed.
"""
import os
import pathlib
import signal
import time
from typing import NamedTuple

MARK = "ATTEST_FAULTS_ROUND"


class Process(NamedTuple):
    pid: int
    name: str
    kind: str  # rank, zygote, lane, launcher, other
    rank: int
    lane: int
    net: str  # the network namespace: which node of the test cluster


LAUNCHERS = {"mpirun", "mpiexec", "orterun", "srun", "orted"}


def environment_of(pid):
    text = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
    return dict(e.split(b"=", 1) for e in text.split(b"\0") if b"=" in e)


def kind_of(name):
    if name == "attest-zygote":
        return "zygote"
    if name.startswith("attest-lane-"):
        return "lane"
    if name.startswith("attest"):
        return "rank"
    return "launcher" if name in LAUNCHERS else "other"


def look_at(pid, mark):
    """The process if it carries the mark and lives; None for any other."""
    try:
        environment = environment_of(pid)
        if environment.get(MARK.encode()) != mark.encode():
            return None
        folder = pathlib.Path(f"/proc/{pid}")
        name = (folder / "comm").read_text().strip()
        if (folder / "stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX":
            return None
        rank = environment.get(b"OMPI_COMM_WORLD_RANK", environment.get(b"PMIX_RANK", b"0"))
        number = "".join(c for c in name if c.isdigit())
        return Process(pid, name, kind_of(name), int(rank), int(number or 0),
                       os.readlink(folder / "ns/net"))
    except (OSError, ValueError):
        return None


def marked(mark):
    """All living processes with the mark."""
    pids = (int(p) for p in os.listdir("/proc") if p.isdigit())
    return [p for p in (look_at(pid, mark) for pid in pids) if p is not None]


def send(process, number):
    """False when it was gone already."""
    try:
        os.kill(process.pid, number)
        return True
    except ProcessLookupError:
        return False


def end_all(mark):
    """SIGKILL whatever carries the mark, until nothing does."""
    while True:
        left = marked(mark)
        if not left:
            return
        for process in left:
            send(process, signal.SIGKILL)
        time.sleep(0.02)


def wait_until_gone(mark, seconds):
    """What is still there after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        left = marked(mark)
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)
