"""python/attest.py gives tidy frames and hides no row."""

import contextlib
import io
import shutil
import sys
import unittest

import h5py
import numpy as np
import xarray as xr

import attest
import specimen


class AttestPy(unittest.TestCase):
    """One store, one model."""

    @classmethod
    def setUpClass(cls):
        cls.files = specimen.Files()
        cls.addClassCleanup(cls.files.close)

    def test_sweeps_come_in_the_order_of_the_study(self):
        self.assertEqual(attest.sweeps(self.files.store),
                         list(specimen.PLANNED))

    def test_counts_cover_every_planned_task(self):
        for sweep, n in specimen.PLANNED.items():
            counts = attest.counts(self.files.store, sweep)
            self.assertEqual(sum(counts.values()), n)
            self.assertGreater(counts["done"], 0)
            self.assertGreater(counts["not_run"], 0)

    def test_tasks_that_are_not_listed_are_counted(self):
        path = self.files.path("long.h5")  # of 10^6 tasks and more, some are
        shutil.copy(self.files.store, path)
        with h5py.File(path, "r+") as file:
            file["wide"].attrs["n_planned"] += 1000
        before = attest.counts(self.files.store, "wide")
        after = attest.counts(path, "wide")
        self.assertEqual(after, {**before, "not_run": before["not_run"] + 1000})

    def test_rows_are_done_unless_asked_otherwise(self):
        for sweep, n in specimen.PLANNED.items():
            every = attest.rows(self.files.store, sweep, status="all")
            self.assertEqual(len(every), n)
            done = attest.rows(self.files.store, sweep)
            self.assertEqual(set(done["status"]), {"done"})
            self.assertEqual(len(done), done.attrs["status"]["done"])
            late = attest.rows(self.files.store, sweep,
                               status=["timeout", "not_run"])
            self.assertEqual(len(done) + len(late), n)

    def test_counts_are_integers_again_and_verdicts_words(self):
        done = attest.rows(self.files.store, "wide")
        self.assertEqual(done["blocks"].dtype, np.int64)
        self.assertEqual(done["err"].dtype, np.float64)
        self.assertEqual(set(done["claim_blocks_bound"]), {"holds"})
        codes = attest.rows(self.files.store, "wide", verdicts="codes")
        self.assertEqual(set(codes["claim_fast"]), {-2})
        self.assertEqual(done["label"][done["d"] == 64].iloc[0], "gro\u00df")

    def test_axes_tell_rows_apart(self):
        for sweep, n in specimen.PLANNED.items():
            frame = attest.rows(self.files.store, sweep, status="all")
            self.assertEqual(
                len(frame.drop_duplicates(frame.attrs["axes"])), n)

    def test_observations_stand_beside_their_parameters(self):
        lines = attest.observations(self.files.store, "wide")
        self.assertEqual(list(lines.columns),
                         ["task", "N", "d", "beta", "data", "replicate",
                          "step", "loss", "rate"])
        self.assertEqual(lines["step"].dtype, np.int64)
        np.testing.assert_array_equal(
            lines["loss"], lines["beta"] / (lines["step"] + 1))
        rows = attest.rows(self.files.store, "wide")
        expected = rows["N"] % 4  # lines of each row
        self.assertEqual(lines.groupby("task").size().to_dict(),
                         expected[expected > 0].to_dict())
        np.testing.assert_array_equal(lines["N"], rows.loc[lines["task"], "N"])
        with self.assertRaises(KeyError):
            attest.observations(self.files.store, "beta")

    def test_claims(self):
        claims = attest.claims(self.files.store)
        self.assertEqual(list(claims["verdict"]), ["inconclusive", "holds"])
        self.assertEqual(list(claims["n_planned"]), [6, 2])

    def test_provenance_has_the_study(self):
        facts = attest.provenance(self.files.store)
        self.assertTrue(facts["study"].startswith("name: specimen\n"))
        self.assertEqual(facts["argv"], "attest run 'a study.yaml'")
        for name in ("git_commit", "git_diff", "compiler", "compiler_flags",
                     "cpu", "mpi", "hdf5", "blas", "slurm", "hosts",
                     "modules", "created"):
            self.assertIsInstance(facts[name], str)

    def test_model(self):
        model = attest.model(self.files.model)
        self.assertEqual(len(model.layers), 1)
        self.assertEqual(model.layers[0].kind, "feed_forward")
        self.assertEqual(model.layers[0].attributes,
                         {"activation": "relu", "residual": 1.0})
        self.assertEqual(model.layers[0].parameters, ["residual"])
        self.assertEqual(model.layers[0].tensors["W1"].shape, (3, 2))
        np.testing.assert_array_equal(model.instance["offsets"], [0, 2])
        self.assertEqual(model.construction, "alpha")

    def test_a_file_that_xarray_has_open_is_read(self):
        for engine in ("h5netcdf", "netcdf4"):
            with xr.open_dataset(self.files.store, group="wide",
                                 engine=engine) as ds:
                frame = attest.rows(self.files.store, "wide", status="all")
                self.assertEqual(len(frame), ds.sizes["task"])

    def test_mistakes_are_named(self):
        with self.assertRaisesRegex(KeyError, "wide, zipped, beta"):
            attest.rows(self.files.store, "wied")
        with self.assertRaisesRegex(ValueError, "no such status: doen"):
            attest.rows(self.files.store, "wide", status="doen")
        with self.assertRaisesRegex(ValueError, "no such status: doen"):
            attest.observations(self.files.store, "wide", status="doen")
        with self.assertRaises(attest.FormatError):
            attest.rows(self.files.model, "wide")
        with self.assertRaises(attest.FormatError):
            attest.model(self.files.store)

    def run_main(self, *arguments):
        """(exit code, stdout, stderr) of the command line."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = attest.main(list(arguments))
        return code, out.getvalue(), err.getvalue()

    def test_command_line(self):
        code, out, _ = self.run_main(self.files.store)
        self.assertEqual(code, 0)
        self.assertIn("wide done=", out)
        code, out, _ = self.run_main(self.files.store, "beta", "--csv",
                                     "--status", "all")
        self.assertEqual(code, 0)
        self.assertEqual(len(out.splitlines()), 1 + specimen.PLANNED["beta"])
        code, out, _ = self.run_main(self.files.store, "--claims")
        self.assertIn("alpha.slope", out)
        code, out, _ = self.run_main(self.files.store, "zipped",
                                     "--observations", "--csv")
        self.assertEqual(code, 0)
        code, out, _ = self.run_main(self.files.model, "--model")
        self.assertIn("W1[3, 2]", out)
        code, out, err = self.run_main(self.files.path("nothing.h5"))
        self.assertEqual(code, 1)
        self.assertIn("nothing.h5", err)


if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False, verbosity=2).result.wasSuccessful())
