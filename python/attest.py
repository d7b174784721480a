#!/usr/bin/env python3
"""Read the results of attest: one file on h5py and pandas.

    import attest

    df  = attest.rows("runs/hardmax-scaling/results.h5", "hardmax")
    obs = attest.observations("results.h5", "selection")
    cl  = attest.claims("results.h5")
    m   = attest.model("M.h5")

A row has a status, and only rows that are done have metrics.  `rows` and
`observations` therefore return done rows unless they are asked for others;
the rest is never dropped in silence: `counts` says what became of every
planned task, and a frame's `attrs["status"]` holds the same counts.

On the command line:

    attest.py results.h5                     sweeps and what became of them
    attest.py results.h5 hardmax [--csv]     rows of a sweep
    attest.py results.h5 hardmax --observations
    attest.py results.h5 --claims
    attest.py M.h5 --model

The layout of the files is documented in docs/analysis.md.
"""

import argparse
import sys
from collections import Counter
from types import SimpleNamespace

import h5py
import numpy as np
import pandas as pd

STATUS = ("done", "failed", "timeout", "oom", "crashed", "skipped",
          "infeasible", "not_run")
VERDICT = {1: "holds", 0: "inconclusive", -1: "violated", -2: "departs",
           -9: "not_applicable"}


class FormatError(Exception):
    """The file is not what attest writes; the message says where."""


def _text(value):
    return value.decode() if isinstance(value, bytes) else value


def _open(path, attribute):
    """A file that has the attribute; without locks where those fail, as they
    do on some network file systems (a store is replaced, never changed)."""
    try:
        file = h5py.File(path, "r")
    except OSError as first:
        try:
            file = h5py.File(path, "r", locking=False)
        except (OSError, TypeError, ValueError):
            raise first from None
    if attribute not in file.attrs:
        file.close()
        raise FormatError(f"{path}: no attribute '{attribute}': "
                          "not written by attest")
    return file


def _column(dataset):
    """One column as an array; text becomes str."""
    if h5py.check_string_dtype(dataset.dtype) is not None:
        return dataset.asstr()[:].astype(object)
    return dataset[:]


def _frame(group):
    """All columns of a group in declared order; numbers of integer kind that
    are never missing become integers again."""
    if "columns" not in group.attrs:
        raise FormatError(f"{group.name}: no attribute 'columns'")
    data = {}
    for name in _text(group.attrs["columns"]).split():
        if name not in group:
            raise FormatError(f"{group.name}: column '{name}' is missing")
        data[name] = _column(group[name])
    lengths = {len(column) for column in data.values()}
    if len(lengths) > 1:
        raise FormatError(f"{group.name}: columns of lengths {sorted(lengths)}")
    return pd.DataFrame(data)


def _integers(frame, group):
    """Metrics are stored as float64; counts without a gap become int64."""
    for name in frame.columns:
        attrs = group[name].attrs
        column = frame[name]
        if (_text(attrs.get("kind", "")) == "integer"
                and column.dtype == np.float64 and len(column)
                and (column.abs() < 2**53).all()):  # NaN is not
            frame[name] = column.astype(np.int64)
    return frame


def _flags(dataset):
    """{value: meaning} of a column of codes."""
    values = dataset.attrs.get("flag_values", ())
    meanings = _text(dataset.attrs.get("flag_meanings", "")).split()
    return {int(v): m for v, m in zip(values, meanings)}


def _sweep(file, sweep):
    names = sweeps(file)
    if sweep is None and len(names) == 1:
        sweep = names[0]
    if sweep not in names:
        raise KeyError(f"sweep {sweep!r}: the file has {', '.join(names)}")
    return file[sweep]


def sweeps(path):
    """Names of the sweeps in a results file, in the order of the study."""
    if isinstance(path, h5py.File):
        return _text(path.attrs["sweeps"]).split()
    with _open(path, "sweeps") as file:
        return sweeps(file)


def counts(path, sweep=None):
    """What became of the planned tasks: {"done": 480, "timeout": 3, ...}."""
    with _open(path, "sweeps") as file:
        return _counts(_sweep(file, sweep))


def _counts(group):
    meaning = _flags(group["status"])
    found = Counter(meaning.get(int(s), f"status {s}")
                    for s in group["status"][:])
    unlisted = int(group.attrs["n_planned"]) - len(group["status"])
    if unlisted > 0:  # more than 10^6 tasks without a row are not listed
        found["not_run"] += unlisted
    return dict(found)


def _wanted(status):
    """The statuses that `status` asks for, one or a list of them."""
    wanted = [status] if isinstance(status, str) else list(status)
    unknown = set(wanted) - set(STATUS)
    if unknown:
        raise ValueError(f"no such status: {', '.join(sorted(unknown))}"
                         f"; there are {', '.join(STATUS)}")
    return wanted


def rows(path, sweep=None, status="done", verdicts="words"):
    """The rows of a sweep as a DataFrame, one planned task a row.

    sweep     its name; may be left out when the file has only one
    status    which rows: "done", another status, a list of them, or "all"
    verdicts  "words" ("holds", ...) or "codes" (1, 0, -1, -2, -9)

    The index is the task number.  df.attrs holds `axes` (columns that tell
    rows apart), `status` (counts over all rows), `construction`, `units`,
    and `long_name`.
    """
    with _open(path, "sweeps") as file:
        group = _sweep(file, sweep)
        frame = _frame(group)
        meaning = _flags(group["status"])
        frame["status"] = [meaning.get(int(s), f"status {s}")
                           for s in frame["status"]]
        if status != "all":
            frame = frame[frame["status"].isin(_wanted(status))]
        frame = _integers(frame.copy(), group)
        if verdicts == "words":
            for name in frame.columns:
                if name.startswith("claim_"):
                    words = _flags(group[name])
                    frame[name] = [words.get(int(v), f"verdict {v}")
                                   for v in frame[name]]
        frame = frame.set_index("task")
        frame.attrs.update(_facts(group))
        return frame


def _facts(group):
    def gather(attribute):
        return {name: _text(group[name].attrs[attribute])
                for name in _text(group.attrs["columns"]).split()
                if attribute in group[name].attrs}

    return {"axes": _text(group.attrs["axes"]).split(),
            "construction": _text(group.attrs["construction"]),
            "status": _counts(group),
            "units": gather("units"), "long_name": gather("long_name")}


def observations(path, sweep=None, status="done", columns=None):
    """The observations of a sweep (a step, a length, a probe) as a DataFrame,
    one line each, beside the parameters of the row they belong to.

    columns   of the row to put beside each line: a list; by default the
              parameters and `replicate`
    """
    with _open(path, "sweeps") as file:
        group = _sweep(file, sweep)
        if "observations" not in group:
            raise KeyError(f"sweep {group.name[1:]!r} observes nothing")
        lines = _integers(_frame(group["observations"]),
                          group["observations"]).set_index("observation")
        roles = {name: _text(group[name].attrs["role"])
                 for name in _text(group.attrs["columns"]).split()}
    if columns is None:
        columns = [name for name, role in roles.items()
                   if role in ("parameter", "replicate")]
    # a search observes its parameter: the value tried is the line's
    columns = [name for name in columns if name not in lines.columns]
    table = rows(path, sweep, status="all")
    keep = table["status"].to_numpy()[lines["task_index"].to_numpy()]
    if status != "all":
        lines = lines[np.isin(keep, _wanted(status))]
    beside = table.iloc[lines["task_index"].to_numpy()].reset_index()
    beside.index = lines.index
    result = pd.concat([beside[["task", *columns]],
                        lines.drop(columns="task_index")], axis=1)
    result.attrs.update(table.attrs)
    return result


def claims(path, verdicts="words"):
    """The claims over groups and studies, one row per claim and group.
    Claims on single rows are the columns claim_<id> of `rows`."""
    with _open(path, "sweeps") as file:
        group = file["claims"]
        frame = _frame(group).set_index("claim")
        if verdicts == "words":
            words = _flags(group["verdict"])
            frame["verdict"] = [words.get(int(v), f"verdict {v}")
                                for v in frame["verdict"]]
        frame["timing"] = frame["timing"].astype(bool)
        return frame


def provenance(path):
    """Where a results file comes from: {"study": text, "git_commit": ...}."""
    with _open(path, "sweeps") as file:
        return {name: _text(item[()])
                for name, item in file["provenance"].items()}


def model(path):
    """A rebuilt model: .layers (each with .kind, .attributes, .parameters,
    .tensors), .instance, .expected, .witness (dicts of arrays), and .atol,
    .rtol, .arithmetic, .construction, .key, .point."""
    def tensors(group):
        return {name: group[name][()]
                for name in _text(group.attrs["tensors"]).split()}

    def layer(group):
        names = _text(group.attrs["attributes"]).split()
        values = {name: _text(group.attrs[name]) for name in names}
        return SimpleNamespace(
            kind=_text(group.attrs["kind"]), tensors=tensors(group),
            attributes={n: v if isinstance(v, str) else float(v)
                        for n, v in values.items()},
            parameters=_text(group.attrs["parameters"]).split())

    with _open(path, "n_layers") as file:
        n_layers = int(file.attrs["n_layers"])
        return SimpleNamespace(
            layers=[layer(file[f"layers/{i:03d}"]) for i in range(n_layers)],
            instance=tensors(file["instance"]),
            expected=tensors(file["expected"]),
            witness=tensors(file["witness"]),
            atol=float(file.attrs["atol"]), rtol=float(file.attrs["rtol"]),
            arithmetic=_text(file.attrs["arithmetic"]),
            tolerance_reason=_text(file.attrs["tolerance_reason"]),
            construction=_text(file.attrs["construction"]),
            key=_text(file.attrs["key"]), point=_text(file.attrs["point"]))


def _show(frame, csv):
    if csv:
        frame.to_csv(sys.stdout)
    else:
        with pd.option_context("display.width", 200,
                               "display.max_columns", None):
            print(frame)


def _show_model(path):
    m = model(path)
    print(f"{m.construction} {m.point} {m.key}")
    for i, part in enumerate(m.layers):
        shapes = " ".join(f"{n}{list(t.shape)}"
                          for n, t in part.tensors.items())
        print(f"layer {i:3d}  {part.kind:12s} {shapes}")
    for name in ("instance", "expected", "witness"):
        for tensor, value in getattr(m, name).items():
            print(f"{name}/{tensor} {list(value.shape)} {value.dtype}")


def main(arguments=None):
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="attest.py", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("file")
    parser.add_argument("sweep", nargs="?")
    parser.add_argument("--status", default="done",
                        help="which rows: a status, or all (default: done)")
    parser.add_argument("--observations", action="store_true")
    parser.add_argument("--claims", action="store_true")
    parser.add_argument("--model", action="store_true")
    parser.add_argument("--csv", action="store_true")
    given = parser.parse_args(arguments)
    try:
        if given.model:
            _show_model(given.file)
        elif given.claims:
            _show(claims(given.file), given.csv)
        elif given.observations:
            _show(observations(given.file, given.sweep, given.status),
                  given.csv)
        elif given.sweep is not None:
            _show(rows(given.file, given.sweep, given.status), given.csv)
        else:
            for name in sweeps(given.file):
                print(name, *(f"{k}={v}" for k, v
                              in sorted(counts(given.file, name).items())))
    except BrokenPipeError:  # the reader of a pipe has had enough
        return 0
    except (OSError, LookupError, ValueError, FormatError) as error:
        reason = error.args[0] if isinstance(error, KeyError) else error
        print(f"attest.py: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
