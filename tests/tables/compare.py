#!/usr/bin/python3
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

Two 95 % intervals are printed.  The first is that of the replicates' median:
the statistic of each replicate by itself, whole replicates resampled.  The
second predicts: there lies the statistic of so few fresh replicates as the
figure was taken from, if they are draws of the law of ours.  It is Student's
(mean and deviation of the replicates' statistics are both unknown), in
logarithms where all of them are positive.  The figure is `in` when the first
interval meets it (as far as its digits are printed), `draw` when only the
second does, `out` else: one draw in 20 is.  A figure of statistic `all` is in
or out.

Counts at the end tell whether the tables are draws of one law: how many figures
miss their prediction, and, which needs no normal law, how many order statistics
(of one seed, or least, largest, middle of several) lie outside the range of all
replicates; each beside the number to expect.  Figures of one seed may share it,
and then they are high or low together: the last line says how many of them lie
above our median, and how many do when a replicate of ours takes their place.

The exit code is 0 when no figure is out but those that the column `known`
speaks of, 1 else, 2 when something cannot be read.
"""
import argparse
import csv
import math
import pathlib
import sys
from collections import Counter
from decimal import Decimal

import numpy as np
import pandas as pd

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
import attest  # noqa: E402

RESAMPLES = 2000
PREDICTIONS = 20000
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


def of_replicates(frame, column, statistic):
    """The statistic of each replicate; missing values are left out."""
    each = np.array([evaluate(part, column, statistic)
                     for _, part in frame.groupby("replicate")])
    return each[~np.isnan(each)]


def interval_of_median(each, random):
    """95 % interval of the median over replicates."""
    if not len(each):
        return (math.nan, math.nan)
    drawn = random.integers(len(each), size=(RESAMPLES, len(each)))
    return tuple(np.percentile(np.median(each[drawn], axis=1), LEVEL))


def interval_of_draws(each, statistic, seeds, random):
    """Where the statistic of `seeds` fresh replicates lies, of 2 or more."""
    n = len(each)
    if n < 2:
        return (math.nan, math.nan)
    logarithms = each.min() > 0
    x = np.log(each) if logarithms else each
    sigma = x.std(ddof=1) * np.sqrt((n - 1)
                                    / random.chisquare(n - 1, PREDICTIONS))
    mu = x.mean() + sigma / math.sqrt(n) * random.standard_normal(PREDICTIONS)
    fresh = mu[:, None] + sigma[:, None] * random.standard_normal(
        (PREDICTIONS, seeds))
    bounds = np.percentile(SIMPLE.get(statistic, np.mean)(fresh, axis=1), LEVEL)
    return tuple(np.exp(bounds) if logarithms else bounds)


def chance_outside(n, statistic, seeds):
    """How probably an order statistic of `seeds` draws lies outside the range
    of n others of their law: for one draw 2 / (n + 1).  NaN where the figure is
    none, or where all n are equal."""
    rank = {"min": 1, "max": seeds, "median": (seeds + 1) / 2}.get(statistic)
    if seeds == 1:
        rank = 1
    if rank is None or rank != int(rank):
        return math.nan
    above, below = int(rank), seeds + 1 - int(rank)
    return ((math.comb(n + above - 1, n) + math.comb(n + below - 1, n))
            / math.comb(n + seeds, n))


def half_digit(text):
    """Half a unit in the last place of a printed number."""
    return 0.5 * 10.0 ** Decimal(text).as_tuple().exponent


def meets(bounds, text):
    """Does [lo, hi] meet the figure, as far as its digits are printed?"""
    slack = half_digit(text) * (1 + 1e-9)
    return bounds[0] - slack <= float(text) <= bounds[1] + slack


class Finding:
    """What a run says of one figure."""

    def __init__(self, figure, frame):
        self.rows = len(frame)
        column = figure["column"].removeprefix("obs:")
        text, statistic = figure["figure"], figure["statistic"]
        if statistic == "all":
            self.judge_all(frame.eval(column).to_numpy(float), float(text))
            return
        random = np.random.default_rng(1)
        seeds = int(figure["seeds"])
        self.figure = float(text)
        self.single = seeds == 1
        each = self.each = of_replicates(frame, column, statistic)
        self.measured = float(np.median(each)) if len(each) else math.nan
        self.bounds = interval_of_median(each, random)
        self.draws = interval_of_draws(each, statistic, seeds, random)
        self.verdict = ("in" if meets(self.bounds, text) else
                        "draw" if meets(self.draws, text) else "out")
        self.scatters = len(each) > 1 and each.min() < each.max()
        self.missed = self.scatters and not meets(self.draws, text)
        self.chance = (chance_outside(len(each), statistic, seeds)
                       if self.scatters else math.nan)
        self.outside = self.scatters and not meets((each.min(), each.max()),
                                                   text)

    def judge_all(self, values, figure):
        self.measured = float(np.median(values))
        self.bounds = self.draws = (float(values.min()), float(values.max()))
        same = self.bounds[0] == self.bounds[1] == figure
        self.verdict = "in" if same else "out"
        self.scatters = self.missed = self.outside = self.single = False
        self.chance = math.nan


def judge(figure, runs):
    """The finding of one figure."""
    observed = figure["column"].startswith("obs:")
    frame = runs.table(figure["study"], figure["sweep"], observed)
    if figure["where"]:
        frame = frame.query(figure["where"])
    if frame.empty:
        raise ValueError(f"{figure['study']}: no row of {figure['sweep']} has "
                         f"{figure['where']}")
    return Finding(figure, frame)


def show(bounds):
    return f"{bounds[0]:.3g} .. {bounds[1]:.3g}"


def line(figure, found):
    reason = f"  {figure['known']}" if found.verdict == "known" else ""
    return (f"{figure['section']:6} {figure['what']:44} "
            f"{figure['figure']:>9}  {found.measured:<10.4g} "
            f"{show(found.bounds):24} {show(found.draws):24} {found.rows:5} "
            f"{found.verdict}{reason}")


def above_medians(findings):
    """Of figures of one seed: how many lie above the median of ours; the same of
    each replicate in their place, against the others."""
    replicates = min(len(f.each) for f in findings)
    figures = sum(f.figure > np.median(f.each) for f in findings)
    return figures, [sum(f.each[r] > np.median(np.delete(f.each, r))
                         for f in findings) for r in range(replicates)]


def summary(sections, findings):
    yield "\nsection  figures   in draw  known  out"
    sections["all"] = sum(sections.values(), Counter())
    for section, count in sections.items():
        yield (f"{section:8} {count.total():7} {count['in']:4} "
               f"{count['draw']:4} {count['known']:6} {count['out']:4}")
    ranked = [f for f in findings if not math.isnan(f.chance)]
    scatter = sum(f.scatters for f in findings)
    yield (f"\nOf {scatter} figures that scatter, "
           f"{sum(f.missed for f in findings)} miss their prediction, of draws "
           f"of one law {0.05 * scatter:.1f} would;\n"
           f"of {len(ranked)} order statistics, "
           f"{sum(f.outside for f in ranked)} lie outside the range of all "
           f"replicates, {sum(f.chance for f in ranked):.1f} would.")
    single = [f for f in findings if f.single and f.scatters]
    if single:
        figures, ours = above_medians(single)
        lo, hi = np.percentile(ours, LEVEL)
        yield (f"Of {len(single)} figures of one seed, {figures} lie above our "
               f"median; of our replicates in their place, {lo:.0f} to {hi:.0f} "
               f"(95 %).")


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="compare.py", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("figures")
    parser.add_argument("runs", nargs="?", default="runs")
    parser.add_argument("--out", action="store_true",
                        help="print only figures that are not in")
    given = parser.parse_args(arguments)
    runs = Runs(given.runs)
    sections, findings = {}, []
    with open(given.figures, encoding="utf-8", newline="") as file:
        for figure in csv.DictReader(file):
            found = judge(figure, runs)
            if found.verdict == "out" and figure["known"]:
                found.verdict = "known"
            findings.append(found)
            sections.setdefault(figure["section"],
                                Counter())[found.verdict] += 1
            if found.verdict != "in" or not given.out:
                print(line(figure, found))
    for text in summary(sections, findings):
        print(text)
    return 1 if sections["all"]["out"] else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, LookupError, ValueError, attest.FormatError) as error:
        print(f"compare.py: {error}", file=sys.stderr)
        sys.exit(2)
