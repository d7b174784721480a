#!/usr/bin/python3
"""One training step of token selection in attest, NumPy and PyTorch, all on one
thread in one run: fresh samples, forward, backward, plain descent.

    construction_selection.py BENCH [L] [d] [de] [B]     default 100 8 128 256

BENCH is the program construction_selection_bench.  Every peer draws its own
tokens, signs and subsets with its library's generator, solves the dual queries
in one batch, and computes in float32.  Processor time, the best of several
rounds; ratios are printed with and without the drawing of samples.
"""
import os
import re
import subprocess
import sys
import time

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
import numpy as np  # noqa: E402

L, d, de, B = [int(x) for x in sys.argv[2:6]] + [100, 8, 128, 256][len(sys.argv) - 2:]
q, D, ROUNDS = 3, d + de, 5


def best_ms(call):
    call()
    best = np.inf
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(4):
            call()
        best = min(best, (time.process_time() - start) / 4)
    return 1e3 * best


# ---- NumPy ---------------------------------------------------------------------------------
rng = np.random.default_rng(1)
V = np.eye(d, D, dtype=np.float32)
W = np.zeros((D, de), np.float32)
W[d:] = 4 * np.eye(de)


def numpy_encodings(n):
    bits = np.unpackbits(np.frombuffer(rng.bytes(n * L * de // 8), np.uint8))
    return ((2 * bits.astype(np.float32) - 1) / np.float32(np.sqrt(de))).reshape(n, L, de)


def numpy_draw(shared=False):
    E = numpy_encodings(1 if shared else B)
    y = np.argpartition(rng.random((B, L), dtype=np.float32), q, axis=1)[:, :q]
    Ey = E[0][y] if shared else np.take_along_axis(E, y[:, :, None], axis=1)
    c = np.linalg.solve(Ey @ Ey.transpose(0, 2, 1), np.ones((B, q, 1), np.float32))
    return E, y, c, (c * Ey).sum(axis=1)


def numpy_full(sample, X):
    E, y, _, et = sample
    P = et @ W.T
    a = (X @ P[:, :d, None] + E @ P[:, d:, None])[:, :, 0]
    s = np.exp(a - a.max(axis=1, keepdims=True))
    s /= s.sum(axis=1, keepdims=True)
    H = np.concatenate([(s[:, None] @ X)[:, 0], (s[:, None] @ E)[:, 0]], axis=1)
    R = H @ V.T - np.take_along_axis(X, y[:, :, None], axis=1).mean(axis=1)
    U = R @ V
    g = (X @ U[:, :d, None] + E @ U[:, d:, None])[:, :, 0]
    delta = s * (g - (s * g).sum(axis=1, keepdims=True))
    N = np.concatenate([(delta[:, None] @ X)[:, 0], (delta[:, None] @ E)[:, 0]], axis=1)
    return V - R.T @ H / B, W - N.T @ et / B


def numpy_gram(sample):
    E, y, c, _ = sample
    E, C = E[0], W[d:]
    K = (E @ C.T) @ E.T
    a = (c * K[y]).sum(axis=1)
    s = np.exp(a - a.max(axis=1, keepdims=True))
    s /= s.sum(axis=1, keepdims=True)
    g = d * s
    np.put_along_axis(g, y, np.take_along_axis(g, y, axis=1) - np.float32(d / q), axis=1)
    delta = s * (g - (s * g).sum(axis=1, keepdims=True))
    M = np.zeros((L, L), np.float32)
    for k in range(q):
        np.add.at(M, y[:, k], c[:, k] * delta)
    return C - E.T @ (M.T @ E) / B


def normals():
    return rng.standard_normal((B, L, d), dtype=np.float32)


# ---- PyTorch -------------------------------------------------------------------------------
try:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(1)
except ImportError:
    torch = None


def torch_draw():
    E = (2 * torch.randint(0, 2, (B, L, de), dtype=torch.int8).float() - 1) / de ** 0.5
    y = torch.rand(B, L).topk(q, dim=1).indices
    Ey = torch.gather(E, 1, y[:, :, None].expand(-1, -1, de))
    c = torch.linalg.solve(Ey @ Ey.transpose(1, 2), torch.ones(B, q, 1))
    return E, y, (c * Ey).sum(dim=1), torch.randn(B, L, d)


def torch_model():
    tV = torch.tensor(V, requires_grad=True)
    tW = torch.tensor(W, requires_grad=True)

    def step(sample):
        E, y, et, X = sample
        tV.grad = tW.grad = None
        P = et @ tW.T
        a = torch.bmm(X, P[:, :d, None])[:, :, 0] + torch.bmm(E, P[:, d:, None])[:, :, 0]
        s = torch.softmax(a, dim=1)[:, None]
        H = torch.cat([torch.bmm(s, X)[:, 0], torch.bmm(s, E)[:, 0]], dim=1)
        G = torch.gather(X, 1, y[:, :, None].expand(-1, -1, d)).mean(dim=1)
        loss = 0.5 * (H @ tV.T - G).square().sum() / B
        loss.backward()
        with torch.no_grad():
            return tV - tV.grad, tW - tW.grad
    return step


# ---- one run --------------------------------------------------------------------------------
text = subprocess.run([sys.argv[1], str(L), str(d), str(de), str(B)], check=True,
                      stdout=subprocess.PIPE, text=True).stdout
print(text, end="")
ms = {m[0]: float(m[1]) for m in re.findall(r"(\w+) ([0-9.]+) ms", text)}
ms["draw"] = float(re.search(r"queries ([0-9.]+), tokens ([0-9.]+)", text)[1]) + float(
    re.search(r"tokens ([0-9.]+)", text)[1])


def say(name, peer, own):
    print(f"{name:44} {peer:9.3f} ms {peer / own:7.1f} x attest ({own:.3f} ms)")


sample, shared, X = numpy_draw(), numpy_draw(True), normals()
say("NumPy full step, samples drawn", best_ms(lambda: numpy_full(numpy_draw(), normals())),
    ms["full_step"])
say("NumPy full step, samples given", best_ms(lambda: numpy_full(sample, X)),
    ms["full_step"] - ms["draw"])
say("NumPy Gram-trick step, samples drawn", best_ms(lambda: numpy_gram(numpy_draw(True))),
    ms["gram_step"])
if torch is None:
    print("PyTorch is not installed: apt-get install python3-torch")
else:
    step, given = torch_model(), torch_draw()
    say("PyTorch full step, samples drawn", best_ms(lambda: step(torch_draw())), ms["full_step"])
    say("PyTorch full step, samples given", best_ms(lambda: step(given)),
        ms["full_step"] - ms["draw"])
