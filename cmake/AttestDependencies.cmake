# The libraries that attest stands on, as interface targets att_<what>.
# Required ones stop the configuration with the name of the Debian package;
# optional ones set ATT_HAVE_<NAME> to 0 or 1 in every translation unit.
include(CheckSymbolExists)
find_package(PkgConfig REQUIRED)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED) # the journal's sync helper

function(att_need target package debian)
    pkg_check_modules(${target}_pc QUIET IMPORTED_TARGET ${package})
    if(NOT ${target}_pc_FOUND)
        message(FATAL_ERROR
                "${package} not found: install ${debian} (Debian name), "
                "or run ./jobs/setup.sh, which installs everything")
    endif()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE PkgConfig::${target}_pc)
endfunction()

# The flags and facts that every room sees.
add_library(att_config INTERFACE)
target_compile_definitions(att_config INTERFACE _GNU_SOURCE)

function(att_have name found)
    if(found)
        target_compile_definitions(att_config INTERFACE ATT_HAVE_${name}=1)
    else()
        target_compile_definitions(att_config INTERFACE ATT_HAVE_${name}=0)
    endif()
    set(ATT_HAVE_${name} ${found} PARENT_SCOPE)
endfunction()

# Hashes and random bits: headers only.
att_need(att_xxhash libxxhash libxxhash-dev)
find_path(RANDOM123_INCLUDE Random123/philox.h)
if(NOT RANDOM123_INCLUDE)
    message(FATAL_ERROR "Random123 not found: install librandom123-dev (Debian name)")
endif()
add_library(att_random123 INTERFACE)
target_include_directories(att_random123 SYSTEM INTERFACE ${RANDOM123_INCLUDE})

# Linear algebra.  The serial OpenBLAS is linked by path where Debian keeps it
# beside the threaded one, whose threads start when the library is loaded.
find_path(OPENBLAS_SERIAL_INCLUDE cblas.h
          PATH_SUFFIXES ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-serial openblas-serial
          NO_CMAKE_SYSTEM_PATH PATHS /usr/include)
find_library(OPENBLAS_SERIAL_LIBRARY openblas
             PATH_SUFFIXES ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-serial openblas-serial
             NO_CMAKE_SYSTEM_PATH PATHS /usr/lib)
add_library(att_blas INTERFACE)
if(OPENBLAS_SERIAL_INCLUDE AND OPENBLAS_SERIAL_LIBRARY)
    target_include_directories(att_blas SYSTEM INTERFACE ${OPENBLAS_SERIAL_INCLUDE})
    target_link_libraries(att_blas INTERFACE ${OPENBLAS_SERIAL_LIBRARY})
    set(ATT_BLAS_PATH ${OPENBLAS_SERIAL_LIBRARY})
else()
    pkg_search_module(att_blas_pc REQUIRED IMPORTED_TARGET openblas cblas)
    target_link_libraries(att_blas INTERFACE PkgConfig::att_blas_pc)
    set(ATT_BLAS_PATH ${att_blas_pc_LINK_LIBRARIES})
endif()
message(STATUS "attest: CBLAS ${ATT_BLAS_PATH}")

# Outside Debian, OpenBLAS holds LAPACKE as well.
function(att_lapacke_in_blas result)
    set(CMAKE_REQUIRED_LIBRARIES ${ATT_BLAS_PATH})
    get_target_property(CMAKE_REQUIRED_INCLUDES att_blas INTERFACE_INCLUDE_DIRECTORIES)
    if(NOT CMAKE_REQUIRED_INCLUDES)
        set(CMAKE_REQUIRED_INCLUDES "")
    endif()
    check_symbol_exists(LAPACKE_dgesdd lapacke.h ATT_LAPACKE_IN_BLAS)
    if(ATT_LAPACKE_IN_BLAS)
        set(${result} 1 PARENT_SCOPE)
    endif()
endfunction()

# Vector functions; what single families use: linear programs, transforms, wide
# arithmetic.  ATTEST_WITH_<NAME>=OFF builds as if the library were absent.  Their
# names are in ATT_OPTIONAL_LIBRARIES.
add_library(att_sleef INTERFACE)
add_library(att_clp INTERFACE)
add_library(att_optional INTERFACE)
foreach(row "SLEEF;sleef;att_sleef" "CLP;clp;att_clp"
        "KISSFFT;kissfft-float;att_optional" "MPFR;mpfr;att_optional"
        "LAPACKE;lapacke;att_blas")
    list(GET row 0 name)
    list(APPEND ATT_OPTIONAL_LIBRARIES ${name})
    list(GET row 1 package)
    list(GET row 2 target)
    option(ATTEST_WITH_${name} "Use ${package} where it is installed" ON)
    set(found 0)
    if(ATTEST_WITH_${name})
        pkg_check_modules(att_${name}_pc QUIET IMPORTED_TARGET ${package})
        if(att_${name}_pc_FOUND)
            set(found 1)
            target_link_libraries(${target} INTERFACE PkgConfig::att_${name}_pc)
        elseif(name STREQUAL LAPACKE)
            att_lapacke_in_blas(found)
            set(att_LAPACKE_pc_VERSION "of the CBLAS")
        endif()
    endif()
    att_have(${name} ${found})
endforeach()

# The rooms up to construction need no more.
if(ATTEST_ONLY_CONSTRUCTIONS)
    return()
endif()

# Expressions.  Lua itself has no .pc file: each distribution names its own, and
# module trees often have none.
pkg_search_module(att_lua_pc QUIET IMPORTED_TARGET lua5.4 lua-5.4 lua54 lua>=5.4)
add_library(att_lua INTERFACE)
if(att_lua_pc_FOUND)
    target_link_libraries(att_lua INTERFACE PkgConfig::att_lua_pc)
else()
    find_package(Lua 5.4)
    if(NOT LUA_FOUND)
        message(FATAL_ERROR "Lua 5.4 not found: install liblua5.4-dev (Debian name)")
    endif()
    target_include_directories(att_lua SYSTEM INTERFACE ${LUA_INCLUDE_DIR})
    target_link_libraries(att_lua INTERFACE ${LUA_LIBRARIES})
endif()

# Study files, JSON.
att_need(att_yaml libfyaml libfyaml-dev)
att_need(att_json jansson libjansson-dev)

# Results.
find_package(HDF5 REQUIRED COMPONENTS C HL)
add_library(att_hdf5 INTERFACE)
target_include_directories(att_hdf5 SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS})
target_link_libraries(att_hdf5 INTERFACE ${HDF5_HL_LIBRARIES} ${HDF5_LIBRARIES})

if(ATTEST_MPI)
    # The launcher of the same MPI: Debian has mpicc.mpich and mpiexec.mpich.
    if(MPI_C_COMPILER MATCHES "mpicc(\\.[a-z]+)$")
        find_program(MPIEXEC_EXECUTABLE mpiexec${CMAKE_MATCH_1})
    endif()
    find_package(MPI REQUIRED COMPONENTS C)
endif()
att_have(MPI "${ATTEST_MPI}")

if(ATTEST_TESTS)
    att_need(att_cunit cunit libcunit1-dev)
endif()
