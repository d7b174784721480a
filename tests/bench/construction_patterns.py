#!/usr/bin/python3
"""What NumPy needs for the logits that construction_patterns_bench looks at:
one product of float32 matrices in blocks of rows, and the largest zero and the
spread of the nonzeros of each row, at a single d.

    construction_patterns.py [L] [k] [d]        default 4096 4 200
"""
import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np  # noqa: E402

L, k, d = [int(x) for x in sys.argv[1:4]] + [4096, 4, 200][len(sys.argv) - 1:]
rng = np.random.default_rng(1)
keys = rng.standard_normal((L, d), dtype=np.float32)
columns = (np.arange(L)[:, None] + np.arange(k)) % L
queries = keys[columns].sum(axis=1)

start = time.process_time()
gap, block = np.inf, 256
for i in range(0, L, block):
    s = queries[i:i + block] @ keys.T
    c = columns[i:i + block]
    nonzero = np.take_along_axis(s, c, axis=1)
    np.put_along_axis(s, c, -np.inf, axis=1)
    gap = min(gap, float((nonzero.min(axis=1) - s.max(axis=1)).min()))
seconds = time.process_time() - start
print(f"L = {L}, k = {k}, d = {d}: {seconds:.3f} s of one core, "
      f"{2e-9 * L * L * d / seconds:.1f} GF/s, one d; gap {gap / d:.4f}")
