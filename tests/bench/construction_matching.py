#!/usr/bin/python3
"""The paths of the third-order unit of Match3 beside NumPy, in one run.

    construction_matching.py BENCH        BENCH: construction_matching_bench

NumPy is given the same three algorithms: every triple at once, one row of pairs
at a time, and the histogram with its FFT.  Processor time of one core, best of
three; every sum of outputs is compared with that of the program.
"""
import os
import subprocess
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np  # noqa: E402


def unit(n):
    M = 4 * n + 1
    i = np.arange(n, dtype=np.uint64)
    x = (i * (i + np.uint64(7)) % np.uint64(M) * np.uint64(48271) % np.uint64(M)).astype(np.int64)
    gap = 2 * np.sin(np.pi / M) ** 2
    return x, M, gap, 2 * np.log(4.0 * n * n) / gap


def finish(real, n, gap, c):
    return real / (real + np.exp(-c * gap / 2) + 2 * n * np.exp(-c))


def naive(n):
    x, M, gap, c = unit(n)
    C, S = np.cos(2 * np.pi * x / M), np.sin(2 * np.pi * x / M)
    logit = (np.einsum("i,a,b", C, C, C) - np.einsum("i,a,b", C, S, S)
             - np.einsum("i,a,b", S, C, S) - np.einsum("i,a,b", S, S, C))
    return finish(np.exp(c * logit - c).sum(axis=(1, 2)), n, gap, c)


def stream(n):
    x, M, gap, c = unit(n)
    C, S = np.cos(2 * np.pi * x / M), np.sin(2 * np.pi * x / M)
    right = np.stack([C, S, S, C])
    real = np.empty(n)
    for i in range(n):
        left = c * np.stack([C[i] * C, -C[i] * S, -S[i] * C, -S[i] * S], axis=1)
        real[i] = np.exp(left @ right - c).sum()
    return finish(real, n, gap, c)


def hist(n):
    x, M, gap, c = unit(n)
    h = np.bincount(x, minlength=M).astype(float)
    hh = np.rint(np.fft.irfft(np.fft.rfft(h) ** 2, M))
    w = 1
    while w < M // 2 and 2 * c * np.sin(np.pi * w / M) ** 2 <= 745:
        w += 1
    d = np.arange(-w, w + 1)
    weight = np.exp(-2 * c * np.sin(np.pi * d / M) ** 2)
    real = (hh[(d[None, :] - x[:, None]) % M] * weight).sum(axis=1)
    return finish(real, n, gap, c)


RUN = {"naive": (naive, 192), "stream": (stream, 512), "hist": (hist, 1 << 18)}


def timed(path, n):
    best = np.inf
    for _ in range(3):
        start = time.process_time()
        out = RUN[path][0](n)
        best = min(best, time.process_time() - start)
    return best, out.sum()


def main():
    lines = [s.split() for s in subprocess.run([sys.argv[1]], check=True, text=True,
                                               stdout=subprocess.PIPE).stdout.splitlines()]
    seconds = {(int(n), path): float(s) for n, path, s, _, _ in lines}
    one = seconds[192, "naive"]
    print(f"unit: naive at L = 192, {one:.4f} s of one core; load {os.getloadavg()[0]:.1f}")
    print(f"{'L':>8} {'path':>7} {'seconds':>11} {'/ naive':>9} {'ns/(L+M lg M)':>14} "
          f"{'NumPy s':>11} {'NumPy/here':>11}")
    for n, path, s, total, each in lines:
        n, s = int(n), float(s)
        row = f"{n:8} {path:>7} {s:11.6f} {s / one:9.2g} {float(each):14.3f}"
        if path in RUN and n <= RUN[path][1]:
            theirs, sum_ = timed(path, n)
            if abs(sum_ - float(total)) > 1e-6 * max(1.0, abs(sum_)):
                sys.exit(f"{row}: NumPy's outputs sum to {sum_}, not {total}")
            row += f" {theirs:11.6f} {theirs / s:11.2f}"
        print(row, flush=True)


if __name__ == "__main__":
    main()
