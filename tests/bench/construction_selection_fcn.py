#!/usr/bin/python3
"""A training step of a fully connected net: attest beside NumPy and PyTorch.

    construction_selection_fcn.py PATH/construction_selection_fcn_bench [L d width depth]

One thread, f32, batches of 256 drawn fresh in every step, Adam; processor time
of a step, the best of three runs of twenty; all in one run.
"""
import os
import subprocess
import sys
import time

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
import numpy as np  # noqa: E402  (after the number of threads)

B, Q, HIDDEN, ETA = 256, 2, 128, 1e-3


def best(step):
    step()
    times = []
    for _ in range(3):
        start = time.process_time()
        for _ in range(20):
            step()
        times.append((time.process_time() - start) / 20)
    return min(times)


def widths(L, d, m, depth):
    return [L * d + L, m] + [max(m, HIDDEN)] * (depth - 1) + [d]


def samples(rng, L, d):
    x = rng.standard_normal((B, L, d), dtype=np.float32)
    y = np.argpartition(rng.random((B, L)), Q, axis=1)[:, :Q]
    hot = np.zeros((B, L), np.float32)
    np.put_along_axis(hot, y, 1, axis=1)
    target = np.take_along_axis(x, y[:, :, None], axis=1).mean(1)
    return np.hstack([x.reshape(B, -1), hot]), target


def numpy_step(L, d, m, depth):
    rng = np.random.default_rng(1)
    n = widths(L, d, m, depth)
    param = [p for i, o in zip(n, n[1:])
             for p in (rng.standard_normal((o, i), dtype=np.float32) * np.float32((2 / i) ** .5),
                       np.zeros(o, np.float32))]
    first, second = [np.zeros_like(p) for p in param], [np.zeros_like(p) for p in param]
    t = 0

    def step():
        nonlocal t
        t += 1
        h, target = samples(rng, L, d)
        layers = [h]
        for k in range(0, len(param), 2):
            h = h @ param[k].T + param[k + 1]
            if k + 2 < len(param):
                np.maximum(h, 0, out=h)
            layers.append(h)
        delta = (h - target) / np.float32(B)
        for k in range(len(param) - 2, -1, -2):
            below = layers[k // 2]
            gradient = delta.T @ below, delta.sum(0)
            if k:
                delta = (delta @ param[k]) * (below > 0)
            for j, g in zip((k, k + 1), gradient):
                first[j] += np.float32(.1) * (g - first[j])
                second[j] += np.float32(.001) * (g * g - second[j])
                rate = np.float32(ETA / (1 - .9 ** t))
                param[j] -= rate * first[j] / (np.sqrt(second[j] / np.float32(1 - .999 ** t))
                                               + np.float32(1e-8))
    return step


def torch_step(L, d, m, depth):
    import torch
    torch.set_num_threads(1)
    n = widths(L, d, m, depth)
    maps = [torch.nn.Linear(i, o) for i, o in zip(n, n[1:])]
    net = torch.nn.Sequential(*[x for f in maps[:-1] for x in (f, torch.nn.ReLU())], maps[-1])
    adam = torch.optim.Adam(net.parameters(), lr=ETA)

    def step():
        x = torch.randn(B, L, d)
        y = torch.rand(B, L).topk(Q, dim=1).indices
        hot = torch.zeros(B, L).scatter_(1, y, 1.)
        target = torch.einsum("bl,bld->bd", hot, x) / Q
        adam.zero_grad(set_to_none=True)
        (.5 * (net(torch.hstack([x.flatten(1), hot])) - target).square().sum(1).mean()).backward()
        adam.step()
    return step


def main():
    size = [int(a) for a in sys.argv[2:]] or [20, 4, 160, 2]
    said = subprocess.run([sys.argv[1], "--tsv", *map(str, size)], check=True, text=True,
                          capture_output=True).stdout
    ours = {k: float(v) for k, v in (line.split("\t") for line in said.splitlines())}
    print(f"L d width depth = {size}; load {os.getloadavg()[0]:.1f}")
    print(f"attest   {1e6 * ours['step']:9.1f} us   1.00   "
          f"(its products alone {ours['products alone'] / ours['step']:.2f})")
    for name, make in (("NumPy", numpy_step), ("PyTorch", torch_step)):
        try:
            s = best(make(*size))
        except ImportError:
            print(f"{name:8s}  not installed")
            continue
        print(f"{name:8s} {1e6 * s:9.1f} us  {s / ours['step']:5.2f}")


if __name__ == "__main__":
    main()
