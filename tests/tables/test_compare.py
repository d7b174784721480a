"""The judge of reference tables: figures that it must accept and refuse."""
import contextlib
import io
import itertools
import pathlib
import tempfile
import unittest

import compare
import numpy as np
import pandas as pd


class FakeRuns:
    """One table of 20 replicates, two rows each: x = replicate, x + 100."""

    def __init__(self, _folder=None):
        replicate = np.repeat(np.arange(20), 2)
        self.frame = pd.DataFrame({
            "replicate": replicate, "half": np.tile([0, 1], 20),
            "x": replicate + 100.0 * np.tile([0, 1], 20),
            "one": np.ones(40), "N": np.tile([2.0, 8.0], 20)})
        self.frame["cube"] = 5.0 * self.frame["N"] ** 3

    def table(self, _study, _sweep, _observed):
        return self.frame


def figure(text, **changes):
    return {"section": "1", "what": "a figure", "study": "s", "sweep": "t",
            "where": "half == 0", "column": "x", "statistic": "median",
            "figure": text, "seeds": "1", "known": "", **changes}


class Compare(unittest.TestCase):
    """Replicates 0 .. 19: the median is 9.5, its interval about 5 .. 14."""

    def verdict(self, text, **changes):
        return compare.judge(figure(text, **changes), FakeRuns()).verdict

    def test_a_figure_near_the_median_is_in(self):
        self.assertEqual(self.verdict("9.5"), "in")

    def test_a_figure_that_one_seed_could_give_is_a_draw(self):
        self.assertEqual(self.verdict("17"), "draw")
        self.assertEqual(self.verdict("17", seeds="15"), "out")

    def test_a_figure_beyond_all_replicates_is_out(self):
        self.assertEqual(self.verdict("25"), "out")
        self.assertEqual(self.verdict("-6"), "out")

    def test_one_of_20_fresh_draws_lies_outside_its_interval(self):
        random = np.random.default_rng(5)
        hits = []
        for _ in range(400):
            each = random.normal(100.0, 1.0, 5)
            lo, hi = compare.interval_of_draws(each, "median", 3, random)
            fresh = np.median(random.normal(100.0, 1.0, (50, 3)), axis=1)
            hits.append(np.mean((lo <= fresh) & (fresh <= hi)))
        # five replicates: a standard error of about 0.4 %
        self.assertAlmostEqual(np.mean(hits), 0.95, delta=0.015)

    def test_positive_numbers_are_predicted_in_logarithms(self):
        lo, hi = compare.interval_of_draws(np.array([1.0, 10.0, 100.0]),
                                           "median", 1,
                                           np.random.default_rng(1))
        self.assertGreater(lo, 0.0)
        self.assertAlmostEqual(np.log(lo * hi), np.log(100.0), delta=1.0)

    def test_one_replicate_predicts_nothing(self):
        interval = compare.interval_of_draws(np.array([1.0]), "median", 1, None)
        self.assertFalse(compare.meets(interval, "1"))

    def test_the_chance_to_lie_outside_is_that_of_ranks(self):
        self.assertAlmostEqual(compare.chance_outside(9, "median", 1), 0.2)
        orders = list(itertools.combinations(range(8), 3))  # 3 among 5 others
        for statistic, rank in (("min", 0), ("median", 1), ("max", 2)):
            outside = [rest[0] > pick[rank] or rest[-1] < pick[rank]
                       for pick in orders
                       for rest in [[i for i in range(8) if i not in pick]]]
            self.assertAlmostEqual(compare.chance_outside(5, statistic, 3),
                                   np.mean(outside))
        self.assertTrue(np.isnan(compare.chance_outside(5, "median", 2)))
        self.assertTrue(np.isnan(compare.chance_outside(5, "mean", 3)))

    def test_figures_outside_the_range_are_counted(self):
        found = compare.judge(figure("20"), FakeRuns())
        self.assertTrue(found.outside)
        self.assertAlmostEqual(found.chance, 2 / 21)
        self.assertFalse(compare.judge(figure("19"), FakeRuns()).outside)
        same = compare.judge(figure("2", column="one"), FakeRuns())
        self.assertTrue(np.isnan(same.chance))
        self.assertFalse(same.outside)

    def test_replicates_take_the_place_of_the_table(self):
        found = [compare.judge(figure(text), FakeRuns())
                 for text in ("12", "13", "1")]
        above, ours = compare.above_medians(found)
        self.assertEqual(above, 2)
        # the same row three times: a replicate is above all medians or none
        self.assertEqual(ours, [0] * 10 + [3] * 10)

    def test_digits_that_are_not_printed_do_not_count(self):
        self.assertEqual(compare.half_digit("1.9e-2"), 0.0005)
        self.assertTrue(compare.meets((1.94, 1.96), "1.9"))
        self.assertFalse(compare.meets((1.96, 1.99), "1.9"))

    def test_every_row_must_have_the_value(self):
        self.assertEqual(self.verdict("1", column="one", statistic="all"), "in")
        self.assertEqual(self.verdict("9", column="x", statistic="all"), "out")

    def test_exponents_are_fitted(self):
        law = {"column": "cube", "statistic": "slope N of N", "where": ""}
        self.assertEqual(self.verdict("3.00", **law), "in")
        self.assertEqual(self.verdict("2.90", **law), "out")

    def test_no_rows_are_an_error(self):
        with self.assertRaises(ValueError):
            self.verdict("1", where="half == 2")

    def run_main(self, known):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "figures.csv"
            lines = [figure("9.5"), figure("25", known=known)]
            pd.DataFrame(lines).to_csv(path, index=False)
            keep, compare.Runs = compare.Runs, FakeRuns
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    return compare.main([str(path), folder])
            finally:
                compare.Runs = keep

    def test_only_explained_figures_may_be_out(self):
        self.assertEqual(self.run_main(""), 1)
        self.assertEqual(self.run_main("another draw"), 0)


if __name__ == "__main__":
    unittest.main()
