"""Spack recipe: builds the clone that this file lies in."""
import pathlib

from spack.package import *

try:  # Spack 1.0 and later keep the build systems beside the packages
    from spack_repo.builtin.build_systems.cmake import CMakePackage
except ImportError:
    pass


class Attest(CMakePackage):
    """Builds the transformers that expressivity theorems promise, on MPI
    ranks, and collects what was measured into HDF5."""

    git = str(pathlib.Path(__file__).resolve().parents[4])
    license("MIT")

    version("main", branch="main")

    variant("mpi", default=True, description="More than one node")
    variant("sleef", default=True, description="Vector exp, log, sin, cos")
    variant("clp", default=True, description="Linear programs")
    variant("mpfr", default=True, description="Referee of the precision studies")

    depends_on("c", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("ninja", type="build")
    depends_on("pkgconfig", type="build")

    depends_on("hdf5@1.10:+hl~mpi")
    depends_on("openblas threads=none")  # holds CBLAS and LAPACKE
    depends_on("libfyaml@0.7.12:")
    depends_on("lua@5.4")
    depends_on("random123")
    depends_on("xxhash@0.8:")
    depends_on("jansson@2.10:")
    depends_on("mpi@3:", when="+mpi")
    depends_on("sleef", when="+sleef")
    depends_on("clp", when="+clp")
    depends_on("mpfr", when="+mpfr")

    generator("ninja")

    def cmake_args(self):
        return [
            self.define("ATTEST_TESTS", False),
            self.define_from_variant("ATTEST_MPI", "mpi"),
            self.define_from_variant("ATTEST_WITH_SLEEF", "sleef"),
            self.define_from_variant("ATTEST_WITH_CLP", "clp"),
            self.define_from_variant("ATTEST_WITH_MPFR", "mpfr"),
        ]
