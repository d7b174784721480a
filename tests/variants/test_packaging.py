"""The recipes under packaging/ name what the build asks for, and no more."""
import pathlib
import re
import sys
import types
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPENDENCIES = (ROOT / "cmake" / "AttestDependencies.cmake").read_text()
OPTIONAL = re.findall(r'"([A-Z]+);[a-z-]+;att_\w+"', DEPENDENCIES)

# What CMake asks for -> its package in Spack and in conda-forge; None: there
# is none, and packaging/README.md says what to do instead.
PACKAGES = {
    "libxxhash": ("xxhash", "xxhash"),
    "Random123": ("random123", None),
    "libfyaml": ("libfyaml", "libfyaml"),
    "jansson": ("jansson", "jansson"),
    "Lua": ("lua", "lua"),
    "HDF5": ("hdf5", "hdf5"),
    "MPI": ("mpi", "openmpi"),
    "openblas": ("openblas", "openblas"),
    "sleef": ("sleef", "sleef"),
    "clp": ("clp", "coin-or-clp"),
    "kissfft-float": (None, None),
    "mpfr": ("mpfr", "mpfr"),
    "lapacke": ("openblas", "openblas"),
}


def asked_for():
    """Names of libraries in AttestDependencies.cmake, the test library aside."""
    names = set(re.findall(r"^ *att_need\(\w+ (\S+) ", DEPENDENCIES, re.M)) - {"cunit"}
    names |= set(re.findall(r'"[A-Z]+;([a-z-]+);att_\w+"', DEPENDENCIES))
    names |= set(re.findall(r"^ *find_package\((\w+)", DEPENDENCIES, re.M))
    names |= set(re.findall(r"^ *find_path\(RANDOM123_INCLUDE (\w+)/", DEPENDENCIES, re.M))
    names |= set(re.findall(r"^ *find_library\(\w+ (\w+)", DEPENDENCIES, re.M))
    return names - {"PkgConfig", "Threads"}


def spack_recipe():
    """The recipe, run with stand-ins that write down what it declares."""
    seen = {"depends_on": [], "variant": [], "version": []}
    package = types.ModuleType("spack.package")
    for word in seen:
        setattr(package, word, lambda name, *_, word=word, **__: seen[word].append(name))
    package.license = package.generator = lambda *_, **__: None
    package.CMakePackage = type("CMakePackage", (), {
        "define": staticmethod(lambda option, _: option),
        "define_from_variant": staticmethod(lambda option, variant: (option, variant))})
    sys.modules["spack"] = types.ModuleType("spack")
    sys.modules["spack.package"] = package
    path = ROOT / "packaging/spack/packages/attest/package.py"
    scope = {"__file__": str(path)}
    exec(compile(path.read_text(), str(path), "exec"), scope)  # pylint: disable=exec-used
    return scope["Attest"], seen


class Packaging(unittest.TestCase):
    def test_the_table_above_is_what_cmake_asks_for(self):
        self.assertEqual(asked_for(), set(PACKAGES))

    def test_spack_depends_on_every_library(self):
        _, seen = spack_recipe()
        named = {re.split("[@+~ ]", d)[0] for d in seen["depends_on"]}
        self.assertEqual({p[0] for p in PACKAGES.values()} - {None},
                         named - {"c", "cmake", "ninja", "pkgconfig"})

    def test_spack_sets_options_that_exist_from_variants_that_exist(self):
        recipe, seen = spack_recipe()
        text = DEPENDENCIES + (ROOT / "CMakeLists.txt").read_text()
        known = set(re.findall(r"option\((ATTEST_[A-Z_]+)\s", text))
        known |= {f"ATTEST_WITH_{name}" for name in OPTIONAL}
        for arg in recipe().cmake_args():
            option, variant = arg if isinstance(arg, tuple) else (arg, None)
            self.assertIn(option, known)
            if variant:
                self.assertIn(variant, seen["variant"])

    def test_spack_builds_this_clone(self):
        recipe, _ = spack_recipe()
        self.assertEqual(recipe.git, str(ROOT))

    def test_conda_names_every_library(self):
        text = (ROOT / "packaging/conda/environment.yml").read_text()
        named = set(re.findall(r"^  - ([\w-]+)", text, re.M))
        self.assertEqual({p[1] for p in PACKAGES.values()} - {None} - named, set())

    def test_what_no_package_manager_has_is_in_the_readme(self):
        text = (ROOT / "packaging/README.md").read_text().lower()
        for name in (n for n, p in PACKAGES.items() if None in p):
            self.assertIn(name.split("-")[0].lower(), text)


if __name__ == "__main__":
    unittest.main()
