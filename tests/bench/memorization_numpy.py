#!/usr/bin/env python3
"""Attention and feed-forward of one memorising build in NumPy, one thread.

    python3 memorization_numpy.py [--beside BENCH] [N L d]

The baseline beside construction_memorization_bench: full d x d matrices, all
L x L scores, all T - 1 hidden units (a block of tokens, scaled to all).  With
--beside the program BENCH runs first, and its times are set against these.
"""
import os
import re
import subprocess
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np  # noqa: E402  (the thread count is read at import)

BLOCK = 256


def best(run, repeats=3):
    times = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def beside(program, sizes):
    """Milliseconds of every line that BENCH prints."""
    done = subprocess.run([program, *sizes], capture_output=True, text=True,
                          check=True)
    print(done.stdout, end="")
    return {name: float(ms) for name, ms in
            re.findall(r"^(.+?) +([0-9.]+) ms$", done.stdout, re.MULTILINE)}


def main():
    arguments, program = sys.argv[1:], None
    if arguments[:1] == ["--beside"]:
        program, arguments = arguments[1], arguments[2:]
    sizes = arguments if len(arguments) == 3 else ["256", "64", "64"]
    n, length, d = (int(x) for x in sizes)
    ours = beside(program, sizes) if program else None
    rng = np.random.default_rng(1)
    x = rng.standard_normal((n, length, d)) / np.sqrt(d)
    v = rng.standard_normal(d)
    v /= np.linalg.norm(v)
    e = np.zeros(d)
    e[0] = 1.0
    w_q = w_k = w_v = np.outer(e, v)
    w_o = np.outer(v, e)

    def attention():
        q, k, u = x @ w_q.T, x @ w_k.T, x @ w_v.T
        scores = q @ k.transpose(0, 2, 1)
        scores -= scores.max(axis=2, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=2, keepdims=True)
        return x + (scores @ u) @ w_o.T

    units = n * length - 1
    w1, w2 = np.tile(v, (units, 1)), rng.standard_normal((d, units))
    b1 = rng.standard_normal(units)
    h = attention().reshape(-1, d)[:BLOCK]

    def feed_forward():
        return np.maximum(h @ w1.T - b1, 0.0) @ w2.T

    t_attention = best(attention)
    t_ffn = best(feed_forward) * n * length / BLOCK
    print(f"numpy attention, d x d             {1e3 * t_attention:10.3f} ms")
    print(f"numpy feed-forward                 {1e3 * t_ffn:10.3f} ms")
    if ours:
        fast = ours["fast attention"] + ours["bisection"]
        print(f"numpy both / fast both             "
              f"{1e3 * (t_attention + t_ffn) / fast:10.1f}")
        print(f"numpy attention / fast attention   "
              f"{1e3 * t_attention / ours['fast attention']:10.1f}")


if __name__ == "__main__":
    main()
