# Toolchain file: 64-bit ARM with the cross compiler of Debian's package
# gcc-aarch64-linux-gnu.
#
# Where a library is installed for the building machine only, its header is
# taken from there: all are plain C and the same for both, which is enough to
# compile (ATTEST_ONLY_CONSTRUCTIONS links nothing).  The folder is searched
# last, because the C library of the building machine lives in it too; CMake
# sees it among the compiler's own folders and never names it first.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_C_FLAGS_INIT
    "-idirafter /usr/include/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu")
