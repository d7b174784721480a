"""xarray with both engines, plain h5py and pandas, and h5dump read a store.

One line opens a group; the tidy table keeps every row; the cube loses none.
"""

import subprocess
import sys
import unittest

import h5py
import numpy as np
import pandas as pd
import xarray as xr

import specimen

ENGINES = ("h5netcdf", "netcdf4")


class Readers(unittest.TestCase):
    """One store, read by everybody."""

    @classmethod
    def setUpClass(cls):
        cls.files = specimen.Files()
        cls.addClassCleanup(cls.files.close)

    def both(self, group):
        """The group opened with each engine."""
        for engine in ENGINES:
            with self.subTest(engine=engine, group=group):
                with xr.open_dataset(self.files.store, group=group,
                                     engine=engine) as ds:
                    yield ds

    def test_every_group_opens_in_one_line(self):
        groups = [None, "claims", "provenance"]
        for sweep in specimen.PLANNED:
            groups.append(sweep)
        groups += ["wide/observations", "zipped/observations"]
        for group in groups:
            for ds in self.both(group):
                self.assertIsInstance(ds, xr.Dataset)

    def test_a_tidy_table_keeps_every_row_and_column(self):
        for sweep, n in specimen.PLANNED.items():
            for ds in self.both(sweep):
                frame = ds.to_dataframe()
                self.assertEqual(len(frame), n)
                self.assertEqual(dict(ds.sizes), {"task": n})
                self.assertEqual(set(frame.columns) | {"task"},
                                 set(ds.attrs["columns"].split()))

    def test_the_cube_loses_no_row(self):
        for sweep in specimen.PLANNED:
            for ds in self.both(sweep):
                axes = ds.attrs["axes"].split()
                cube = ds.set_index(task=axes).unstack()
                self.assertEqual(list(cube.sizes), axes)
                keys = cube["key"].values.ravel()
                found = {k for k in keys if isinstance(k, str)}
                self.assertEqual(found, set(ds["key"].values))

    def test_observations_are_a_second_tidy_table(self):
        for sweep in ("wide", "zipped"):
            for ds in self.both(f"{sweep}/observations"):
                self.assertEqual(list(ds.sizes), ["observation"])
                self.assertEqual(len(ds.to_dataframe()),
                                 ds.sizes["observation"])
        for ds in self.both("wide/observations"):
            self.assertGreater(ds.sizes["observation"], 0)
            self.assertGreaterEqual(int(ds["task_index"].min()), 0)
            self.assertLess(int(ds["task_index"].max()),
                            specimen.PLANNED["wide"])

    def test_types_survive(self):
        for ds in self.both("wide"):
            self.assertEqual(ds["N"].dtype, np.int64)
            self.assertEqual(ds["task"].dtype, np.int64)
            self.assertEqual(ds["replicate"].dtype, np.int64)
            self.assertEqual(ds["beta"].dtype, np.float64)
            self.assertEqual(ds["blocks"].dtype, np.float64)
            self.assertEqual(ds["status"].dtype, np.int8)
            self.assertEqual(ds["claim_blocks_bound"].dtype, np.int8)
            self.assertEqual(ds["data"].dtype, object)
            self.assertEqual(ds["wall_s"].dtype, np.float64)
            self.assertEqual(ds["wall_s"].attrs["units"], "s")
            self.assertEqual(set(ds["label"].values), {"", "k", "gro\u00df"})

    def test_missing_numbers_are_nan_where_the_status_says_so(self):
        for ds in self.both("wide"):
            done = ds["status"].values == 0
            self.assertTrue(done.any() and not done.all())
            self.assertTrue(np.isfinite(ds["err"].values[done]).all())
            self.assertTrue(np.isnan(ds["err"].values[~done]).all())
            run = ds["status"].values != 7
            self.assertTrue(np.isnan(ds["wall_s"].values[~run]).all())
            self.assertTrue(np.isfinite(ds["wall_s"].values[run]).all())

    def test_flags_name_every_code(self):
        for ds in self.both("wide"):
            for name in ("status", "claim_blocks_bound", "claim_fast"):
                values = np.atleast_1d(ds[name].attrs["flag_values"])
                words = ds[name].attrs["flag_meanings"].split()
                self.assertEqual(len(values), len(words))
                self.assertLessEqual(set(ds[name].values), set(values))

    def test_root_says_what_the_file_is(self):
        for ds in self.both(None):
            self.assertEqual(ds.attrs["Conventions"], "CF-1.11")
            self.assertEqual(ds.attrs["name"], "specimen")
            self.assertEqual(int(ds.attrs["n_planned"]),
                             sum(specimen.PLANNED.values()))
            self.assertEqual(int(ds.attrs["complete"]), 0)
            self.assertEqual(ds.attrs["history"], "attest run study.yaml")

    def test_claims_are_a_table(self):
        for ds in self.both("claims"):
            frame = ds.to_dataframe()
            self.assertEqual(list(frame["id"]), ["alpha.slope"] * 2)
            self.assertEqual(list(frame["verdict"]), [0, 1])
            self.assertEqual(list(frame["group"]), ["d=8", ""])

    def test_plain_h5py_and_pandas(self):
        with h5py.File(self.files.store, "r") as file:
            group = file["beta"]
            frame = pd.DataFrame({name: group[name][:] for name in group})
            self.assertEqual(len(frame), specimen.PLANNED["beta"])
            self.assertEqual(group["key"].asstr()[0],
                             frame["key"][0].decode())

    def test_properties_of_every_column(self):
        with h5py.File(self.files.store, "r") as file:
            self.assertEqual(file.libver[0], "earliest")
            for sweep in specimen.PLANNED:
                self.check_columns(file[sweep])

    def check_columns(self, group):
        """Chunks, filters, scales and types, as design 5.1 has them."""
        for item in group.values():
            if isinstance(item, h5py.Group):
                self.check_columns(item)
                continue
            with self.subTest(column=item.name):
                text = h5py.check_string_dtype(item.dtype)
                if len(item) > 0:  # an empty column has no chunks
                    self.assertLessEqual(
                        item.chunks[0] * (item.dtype.itemsize if text is None
                                          else 16), 65536)
                    self.assertTrue(item.shuffle)
                    self.assertEqual(item.compression, "gzip")
                    self.assertEqual(item.fletcher32, text is None)
                self.assertNotIn("_FillValue", item.attrs)
                self.assertIsNone(h5py.check_enum_dtype(item.dtype))
                if text is not None:
                    self.assertIsNone(text.length)
                    self.assertEqual(text.encoding, "utf-8")
                if not h5py.h5ds.is_scale(item.id):
                    self.assertEqual(len(item.dims[0]), 1)
                    self.assertTrue(h5py.h5ds.is_scale(item.dims[0][0].id))

    def test_h5dump_reads_every_byte(self):
        for path in (self.files.store, self.files.model):
            done = subprocess.run(["h5dump", path], capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stderr, "")


if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False, verbosity=2).result.wasSuccessful())
