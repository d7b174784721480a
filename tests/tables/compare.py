"""Compare tables of reference figures with what a run measured.

    compare.py FIGURES.csv [RUNS]       RUNS: the folder of run folders (runs)
    compare.py FIGURES.csv RUNS --out   only the figures that lie outside

Every line of FIGURES.csv is one figure of a reference table: where it stands
(section, what), which rows it is about (study, sweep, where: a pandas query),
what of them (column: a pandas expression over columns, or obs:<column> of the
observations; statistic), the figure as printed, and from how many seeds it was
taken.  Statistics: median, min, max, mean; all (every row has this value);
slope X of X,Y (the exponent of X in a power law fitted to all rows; X without
blanks).

Two 95 % intervals are printed.  `interval` is that of the replicates' median:
the statistic of each replicate by itself, whole replicates resampled.  `own` is
where a figure taken from so few seeds lies, by this run's replicates: the
statistic of that many of them, drawn with replacement.  The figure is `in`
when the first interval meets it (as far as its digits are printed), `own` when
only the second does, `out` else.  A figure of statistic `all` is in or out.

The exit code is 0 when no figure is out but those that the column `known`
explains, 1 else, 2 when something cannot be read.
"""
import argparse
import csv
import pathlib
import sys
from collections import Counter
from decimal import Decimal

import numpy as np
import pandas as pd

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
import attest  # noqa: E402

RESAMPLES = 2000
LEVEL = (2.5, 97.5)
SIMPLE = {"median": np.median, "min": np.min, "max": np.max, "mean": np.mean}


class Runs:
    """Tables of the run folders, each read once."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.tables = {}

    def table(self, study, sweep, observed):
        key = (study, sweep, observed)
        if key not in self.tables:
            path = self.folder / study / "results.h5"
            table = attest.rows(path, sweep)
            if observed:
                table = attest.observations(path, sweep,
                                            columns=list(table.columns))
            self.tables[key] = table
        return self.tables[key]


def power_law(frame, column, statistic):
    """The exponent X of `slope X of X,Y`, least squares in logarithms."""
    words = statistic.split()
    axes = words[3].split(",")
    a = np.column_stack([np.ones(len(frame))]
                        + [np.log(frame.eval(x).to_numpy(float)) for x in axes])
    y = np.log(frame.eval(column).to_numpy(float))
    good = np.isfinite(y)
    coefficient = np.linalg.lstsq(a[good], y[good], rcond=None)[0]
    return float(coefficient[1 + axes.index(words[1])])


def evaluate(frame, column, statistic):
    """The statistic of a frame; missing values are left out."""
    if statistic.startswith("slope "):
        return power_law(frame, column, statistic)
    values = frame.eval(column).to_numpy(float)
    values = values[~np.isnan(values)]
    return float(SIMPLE[statistic](values)) if len(values) else float("nan")


def interval_of_median(frame, column, statistic, random):
    """Median over replicates of the statistic, and its 95 % interval."""
    each = np.array([evaluate(part, column, statistic)
                     for _, part in frame.groupby("replicate")])
    each = each[~np.isnan(each)]
    if not len(each):
        return float("nan"), (float("nan"), float("nan"))
    drawn = random.integers(len(each), size=(RESAMPLES, len(each)))
    medians = np.median(each[drawn], axis=1)
    return float(np.median(each)), tuple(np.percentile(medians, LEVEL))


def interval_of_seeds(frame, column, statistic, seeds, random):
    """Where the statistic of `seeds` replicates lies."""
    parts = [part for _, part in frame.groupby("replicate")]
    if seeds == 1:
        drawn = [evaluate(part, column, statistic) for part in parts]
    elif statistic in SIMPLE:
        values = [part.eval(column).dropna().to_numpy(float) for part in parts]
        picks = random.integers(len(parts), size=(RESAMPLES, seeds))
        drawn = [SIMPLE[statistic](np.concatenate([values[i] for i in pick]))
                 for pick in picks]
    else:
        picks = random.integers(len(parts), size=(RESAMPLES // 20, seeds))
        drawn = [evaluate(pd.concat([parts[i] for i in pick]), column,
                          statistic) for pick in picks]
    drawn = np.array(drawn)
    drawn = drawn[~np.isnan(drawn)]
    return tuple(np.percentile(drawn, LEVEL)) if len(drawn) else (np.nan,) * 2


def half_digit(text):
    """Half a unit in the last place of a printed number."""
    return 0.5 * 10.0 ** Decimal(text).as_tuple().exponent


def meets(bounds, text):
    """Does [lo, hi] meet the figure, as far as its digits are printed?"""
    slack = half_digit(text) * (1 + 1e-9)
    return bounds[0] - slack <= float(text) <= bounds[1] + slack


def judge(figure, runs):
    """(measured, interval, own interval, verdict, rows) of one figure."""
    observed = figure["column"].startswith("obs:")
    column = figure["column"].removeprefix("obs:")
    frame = runs.table(figure["study"], figure["sweep"], observed)
    if figure["where"]:
        frame = frame.query(figure["where"])
    if frame.empty:
        raise ValueError(f"{figure['study']}: no row of {figure['sweep']} has "
                         f"{figure['where']}")
    if figure["statistic"] == "all":
        values = frame.eval(column).to_numpy(float)
        bounds = (float(np.min(values)), float(np.max(values)))
        same = bounds[0] == bounds[1] == float(figure["figure"])
        return (float(np.median(values)), bounds, bounds,
                "in" if same else "out", len(frame))
    random = np.random.default_rng(1)
    measured, bounds = interval_of_median(frame, column, figure["statistic"],
                                          random)
    own = interval_of_seeds(frame, column, figure["statistic"],
                            int(figure["seeds"]), random)
    verdict = ("in" if meets(bounds, figure["figure"]) else
               "own" if meets(own, figure["figure"]) else "out")
    return measured, bounds, own, verdict, len(frame)


def show(bounds):
    return f"{bounds[0]:.3g} .. {bounds[1]:.3g}"


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="compare.py", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("figures")
    parser.add_argument("runs", nargs="?", default="runs")
    parser.add_argument("--out", action="store_true",
                        help="print only figures that are not in")
    given = parser.parse_args(arguments)
    runs = Runs(given.runs)
    sections = {}
    unexplained = 0
    with open(given.figures, encoding="utf-8", newline="") as file:
        for figure in csv.DictReader(file):
            measured, bounds, own, verdict, n = judge(figure, runs)
            if verdict == "out" and figure["known"]:
                verdict = "known"
            unexplained += verdict == "out"
            sections.setdefault(figure["section"], Counter())[verdict] += 1
            if verdict != "in" or not given.out:
                print(f"{figure['section']:6} {figure['what']:44} "
                      f"{figure['figure']:>9}  {measured:<10.4g} "
                      f"{show(bounds):24} {show(own):24} {n:5} {verdict}"
                      f"{'  ' + figure['known'] if verdict == 'known' else ''}")
    print("\nsection  figures   in  own  known  out")
    for section, count in sections.items():
        print(f"{section:8} {count.total():7} {count['in']:4} {count['own']:4} "
              f"{count['known']:6} {count['out']:4}")
    total = sum(sections.values(), Counter())
    print(f"all      {total.total():7} {total['in']:4} {total['own']:4} "
          f"{total['known']:6} {total['out']:4}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, LookupError, ValueError, attest.FormatError) as error:
        print(f"compare.py: {error}", file=sys.stderr)
        sys.exit(2)
