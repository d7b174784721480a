#!/usr/bin/python3
"""NumPy's float32 product of the rows that construction_averaging_bench makes by
popcount, and that program itself, in one run: q rows of the Gram matrix of
signs for each of L queries, processor time, the best of three.

    construction_averaging.py BENCH [L] [q] [d]        default 4096 4 192
"""
import os
import re
import subprocess
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np  # noqa: E402

ROUNDS, BLOCK = 3, 256


def numpy_seconds(L, q, d):
    """The product of q L rows with all keys, a block of queries at a time."""
    rng = np.random.default_rng(1)
    keys = rng.choice(np.array([-1, 1], dtype=np.float32), size=(L, d))
    rows = (np.arange(L * q) // q + np.arange(L * q) % q * (L // q)) % L
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for i in range(0, L * q, BLOCK):
            keys[rows[i:i + BLOCK]] @ keys.T
        best = min(best, time.process_time() - start)
    return best


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    L, q, d = [int(x) for x in sys.argv[2:5]] + [4096, 4, 192][len(sys.argv) - 2:]
    seconds = numpy_seconds(L, q, d)
    out = subprocess.run([sys.argv[1], str(L), str(q), str(d)], check=True,
                         capture_output=True, text=True).stdout
    print(out, end="")
    popcount = float(re.search(r"^popcount +([0-9.]+) s", out, re.M).group(1))
    print(f"NumPy float32, same rows {seconds:9.4f} s  "
          f"{2e-9 * L * L * q * d / seconds:8.1f} GF/s")
    print(f"popcount rows are {seconds / popcount:.1f} times as fast as NumPy's")


main()
