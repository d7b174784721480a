#!/usr/bin/python3
"""NumPy beside construction_patterns_bench: the program's own figures first,
then what NumPy needs on one core for the same logits - a product of float32
matrices in blocks of rows, the largest zero and the spread of the nonzeros of
each row - at one d, and at every d of the program's grid by adding products.

    construction_patterns.py BENCH [L] [k] [d]      default 4096 4 200
"""
import os
import re
import subprocess
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np  # noqa: E402

bench = sys.argv[1]
L, k, d = [int(x) for x in sys.argv[2:5]] + [4096, 4, 200][len(sys.argv) - 2:]
rng = np.random.default_rng(1)
keys = rng.standard_normal((L, d), dtype=np.float32)
columns = (np.arange(L)[:, None] + np.arange(k)) % L
queries = keys[columns].sum(axis=1)


def grid():
    """Steps of 1 up to 50, of 4 % beyond: those of the nested pass."""
    at = 1
    while at < d:
        yield at
        at += 1 if at < 50 else at // 25
    yield d


def scan(s, c):
    """The smallest gap of the rows of s whose nonzeros are c."""
    nonzero = np.take_along_axis(s, c, axis=1)
    np.put_along_axis(s, c, -np.inf, axis=1)
    gap = float((nonzero.min(axis=1) - s.max(axis=1)).min())
    np.put_along_axis(s, c, nonzero, axis=1)
    return gap


def look(stops, block=256):
    """Processor seconds for all rows at these d."""
    start = time.process_time()
    for i in range(0, L, block):
        s = np.zeros((min(block, L - i), L), dtype=np.float32)
        begin = 0
        for stop in stops:
            s += queries[i:i + block, begin:stop] @ keys[:, begin:stop].T
            scan(s, columns[i:i + block])
            begin = stop
    return time.process_time() - start


text = subprocess.run([bench, str(L), str(k), str(d)], check=True,
                      capture_output=True, text=True).stdout
print(text, end="")
nested, group = [float(re.search(name + r".*?([0-9.]+) s ", text).group(1))
                 for name in (r"nested, +\d+ d", "exclusive or")]
one, all_d = look([d]), look(list(grid()))
print(f"NumPy, 1 d     {one:8.3f} s  {2e-9 * L * L * d / one:7.1f} GF/s")
print(f"NumPy, {len(list(grid()))} d    {all_d:8.3f} s  "
      f"{all_d / nested:.1f} times nested")
print(f"NumPy at one d takes {one / nested:.2f} times nested at all, "
      f"{one / group:.1f} times exclusive or")
