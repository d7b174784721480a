#!/usr/bin/python3
"""Empty tasks per second: attest beside the tools that people use instead.

    tests/bench/dispatch.py [ATTEST]

Everything runs in one go on the same cores, three times, and the medians are
compared, since absolute figures drift with the load of the machine. attest
keeps a journal of every task; none of the others keeps anything.
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ATTEST = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build" / "release" / "attest")
CORES = len(os.sched_getaffinity(0))
REPEATS = 3
MPI = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
       "OMPI_MCA_rmaps_base_oversubscribe": "1"}

FUTURES = """
import sys, time
from mpi4py import MPI
from mpi4py.futures import MPICommExecutor
n, chunk = int(sys.argv[1]), int(sys.argv[2])
with MPICommExecutor(MPI.COMM_WORLD, root=0) as pool:
    if pool is not None:
        list(pool.map(abs, range(100)))
        start = time.perf_counter()
        list(pool.map(abs, range(n), chunksize=chunk))
        print(n / (time.perf_counter() - start))
"""


def attest(n, *launch, lanes):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="attest-dispatch-"))
    try:
        study = folder / "study.yaml"
        study.write_text("name: empty\nseed: 1\nsweeps:\n  - construction: spin\n"
                         f"    grid: {{i: {{from: 1, to: {n}, step: 1}}}}\n")
        subprocess.run([*launch, ATTEST, "run", study, "-o", folder / "run", "--lanes", str(lanes),
                        "--progress", "none"], check=True, env=MPI, stdout=subprocess.DEVNULL)
        status = json.loads((folder / "run" / "status.json").read_text())
        assert status["over"] == n, status
        return n / status["elapsed_s"]
    finally:
        shutil.rmtree(folder)


def mpi4py(n, chunk):
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(FUTURES)
        script.flush()
        out = subprocess.run(["mpirun", "-n", str(CORES + 1), "/usr/bin/python3", script.name,
                              str(n), str(chunk)], check=True, env=MPI, capture_output=True,
                             text=True)
    return float(out.stdout)


def pool(n, chunk):
    import multiprocessing
    with multiprocessing.Pool(CORES) as workers:
        workers.map(abs, range(100))
        start = time.perf_counter()
        workers.map(abs, range(n), chunksize=chunk)
        return n / (time.perf_counter() - start)


def parallel(n):
    numbers = "\n".join(map(str, range(n))) + "\n"
    start = time.perf_counter()
    subprocess.run(["parallel", f"-j{CORES}", "true", "{}"], input=numbers, text=True, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return n / (time.perf_counter() - start)


CASES = [
    (f"attest, {CORES} lanes, journal on", lambda: attest(300_000, lanes=CORES)),
    (f"attest, mpirun -n {CORES}, journal on",
     lambda: attest(300_000, "mpirun", "-n", str(CORES), lanes=1)),
    ("mpi4py.futures, one by one", lambda: mpi4py(3_000, 1)),
    ("mpi4py.futures, chunks of 100", lambda: mpi4py(50_000, 100)),
    ("multiprocessing, one by one", lambda: pool(30_000, 1)),
    ("multiprocessing, chunks of 100", lambda: pool(300_000, 100)),
    ("GNU parallel", lambda: parallel(300)),
]


def main():
    rates = {name: [] for name, _ in CASES}
    for _ in range(REPEATS):
        for name, measure in CASES:
            rates[name].append(measure())
    first = statistics.median(rates[CASES[0][0]])
    print(f"{'empty tasks on ' + str(CORES) + ' cores':36} {'tasks/s':>12} {'attest is':>10}")
    for name, _ in CASES:
        rate = statistics.median(rates[name])
        print(f"{name:36} {rate:12.0f} {first / rate:9.2f}x")


if __name__ == "__main__":
    main()
