"""Run what `attest rebuild DIR TASK -o M.h5` wrote, by the formulas of model/layer.h: rebuild_numpy.py M.h5"""
import functools, sys, h5py, numpy as np
def get(l, name, d=None): return next((l[k][()].astype(T) for k in (name, "_" + name) if k in l), l.attrs.get(name, d))
def apply(l, name, x):  # a map: the matrix, or its right and left factors, or nothing
    factors = [w for w in (get(l, name + part) for part in ("", "_right", "_left")) if w is not None]
    return functools.reduce(lambda y, w: y @ w.T, factors, x)
def stack(l, name, blank, x):  # a map of all tokens, then the blank where there is one
    n = int(any("blank_key" in tensor for tensor in l))
    return np.vstack([apply(l, name, x), np.zeros((n, 1), T) + get(l, blank, 0 * apply(l, name, x)[0])])
def act(l, x, word): return dict(relu=np.maximum(x, 0), clamp=np.clip(x, 0, 1), none=x)[get(l, "activation", word)]
def mix(l, s, see, v):  # values v weighted by scores s
    how, s = get(l, "weights", "softmax"), np.where(see, s, -np.inf)
    if how == "hardmax":
        best = [np.flatnonzero(m & (r >= r.max() - get(l, "tie", 0))) for m, r in zip(see, s)]
        return np.array([v[c[0]] + (v[c] - v[c[0]]).mean(0) if len(c) else 0 * v[0] for c in best])
    w = np.exp((s - s.max(1, keepdims=True)) / get(l, "tau", 1))
    return (np.where(see, s, 0) if how == "scores" else np.nan_to_num(w / w.sum(1, keepdims=True))) @ v
def attention(l, x):
    n, heads, (i, j) = len(x), int(get(l, "heads", 1)), np.indices((len(x), len(x)))
    see = dict(none=j >= 0, causal=j <= i, others=j != i, data=j < n - 1, tensor=get(l, "allowed", j)[:n, :n] != 0)
    q, k = apply(l, "Q", x), stack(l, "K", "blank_key", x)
    v = np.eye(n, dtype=T) if get(l, "values", "") == "positions" else stack(l, "V", "blank_value", x)
    see = np.hstack([see[get(l, "mask", "none")], np.ones((n, len(k) - n), bool)])
    split = zip(*(np.split(t, heads, 1) for t in (q, k, v))) if heads else [(x, x, 0 * x)]
    return apply(l, "O", np.hstack([mix(l, Q @ K.T, see, V) for Q, K, V in split]))
def third_order(l, x):
    k1, k2, v1, v2 = (stack(l, m + i, f"blank_{b}{i}", x) for m, b in (("K", "key"), ("V", "value")) for i in "12")
    s = np.einsum("ic,ac,bc->iab", apply(l, "Q", x), k1, k2).reshape(len(x), -1)
    return apply(l, "O", mix(l, s, s == s, np.einsum("ac,bc->abc", v1, v2).reshape(s.shape[1], -1)))
def tokenwise(l, x):
    z, m, g, t = x[:, int(get(l, "column", 0))], get(l, "modulus", 1), get(l, "scale", 1), get(l, "t")
    f = dict(encode=lambda: get(l, "E")[:len(x)], table=lambda: get(l, "T")[z.astype(int)],
             step=lambda: get(l, "Y")[np.searchsorted(t, z if get(l, "a") is None else x @ get(l, "a"), "right")],
             circle=lambda: np.array([[wave(2 * np.pi * (int(k) * int(r) % int(m) / m)) for k in get(l, "h")
                                       for wave in (np.cos, np.sin)] for r in z]),
             columns=lambda: x[:, get(l, "c").astype(int)], modulo=lambda: x - m * np.floor(x / m),
             round=lambda: np.rint(g * x), cell=lambda: (np.clip(np.floor(g * x), 0, g - 1) + 0.5) / g,
             pair_sum=lambda: np.array([[0 in {(r[0] + p + q) % m for p in r[1:] for q in r[1:] if min(p, q) >= 0}]
                                        for r in x]))[get(l, "function")]()
    return np.hstack([x, f]) if get(l, "keep", 0) else f
def recurrent(l, x):
    if get(l, "form", "dense") == "slots": return apply(l, "R", x.T @ get(l, "G")[:len(x)]).T
    u, h = apply(l, "B", x) + get(l, "b", 0), []
    for row in u: h.append(act(l, apply(l, "A", h[-1] if h else get(l, "h0", 0 * row)) + row, "none"))
    return apply(l, "C", np.array(h))
def read_out(l, x):
    x = dict(all=x, first=x[:1], last=x[-1:], mean=x.mean(0, keepdims=True))[get(l, "token", "all")]
    y, t = apply(l, "U", x) + get(l, "b", 0), get(l, "threshold", 0.5)
    return dict(none=y, nearest=np.rint(y), threshold=y >= t, argmax=y.argmax(1)[:, None])[get(l, "round", "none")]
def feed_forward(l, x): return apply(l, "W2", act(l, apply(l, "W1", x) + get(l, "b1", 0), "relu")) + get(l, "b2", 0)
def layer(x, l):
    return (globals()[get(l, "kind")](l, x) + (get(l, "residual", 0) * x if get(l, "residual", 0) else 0)).astype(T)
with h5py.File(sys.argv[1]) as f, np.errstate(invalid="ignore"):
    T, e = np.float32 if f.attrs["arithmetic"] == "f32" else np.float64, f["expected/outputs"][()].ravel()
    x = f["instance"].get("inputs", f["instance"].get("tokens"))[()].astype(T)
    ends, layers = f["instance"].get("offsets", [0, len(x)])[:], [f["layers"][k] for k in sorted(f["layers"], key=int)]
    d = np.vstack([functools.reduce(layer, layers, x[a:b]) for a, b in zip(ends, ends[1:])]).ravel() - e
    bad = ~(np.abs(d) <= f.attrs["atol"] + f.attrs["rtol"] * np.abs(e)) & ~np.isnan(e)
    print(f"{f.attrs['construction']}: {bad.sum()} of {len(e)} differ, largest difference {np.nanmax(np.abs(d)):.3g}")
    sys.exit(int(bad.any()))
