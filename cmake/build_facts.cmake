# Write the facts of a build as a C file: cmake -DROOT=source -DOUT=file.c
# -Dattest_version=... -Dcompiler=... -Dcompiler_flags=... -Dmpi=... -Dblas=...
# -Dlibraries=... -P this.  The file stays untouched when nothing has changed.
cmake_minimum_required(VERSION 3.22)

set(diff_bytes_max 65536)

# What git says, or nothing: no git, no repository, somebody else's above us.
function(ask_git result)
    set(${result} "" PARENT_SCOPE)
    if(NOT EXISTS ${ROOT}/.git)
        return()
    endif()
    find_program(git_program git)
    if(NOT git_program)
        return()
    endif()
    execute_process(COMMAND ${git_program} ${ARGN}
                    WORKING_DIRECTORY ${ROOT} OUTPUT_FILE ${OUT}.git
                    ERROR_QUIET RESULT_VARIABLE code)
    if(code EQUAL 0)
        file(READ ${OUT}.git text LIMIT ${diff_bytes_max} HEX)
        set(${result} "${text}" PARENT_SCOPE)
    endif()
    file(REMOVE ${OUT}.git)
endfunction()

# Text as hex digits, as ask_git gives it.
function(to_hex text result)
    string(HEX "${text}" digits)
    set(${result} "${digits}" PARENT_SCOPE)
endfunction()

# One member of the struct: every byte as an escape, so that any text is fine.
function(member name digits)
    string(REGEX REPLACE "(..)" "\\\\x\\1" escaped "${digits}")
    set(body "${body}    .${name} = \"${escaped}\",\n" PARENT_SCOPE)
endfunction()

ask_git(commit rev-parse HEAD)
string(REGEX REPLACE "0a$" "" commit "${commit}")
ask_git(difference diff --no-ext-diff --no-color HEAD)

set(body "")
member(git_commit "${commit}")
member(git_diff "${difference}")
foreach(name attest_version compiler compiler_flags mpi blas libraries)
    to_hex("${${name}}" digits)
    member(${name} "${digits}")
endforeach()

file(WRITE ${OUT}.new
     "/* Made by cmake/build_facts.cmake. */\n#include \"build_facts_priv.h\"\n\n"
     "const struct att_build_facts att_build_facts = {\n${body}};\n")
execute_process(COMMAND ${CMAKE_COMMAND} -E copy_if_different ${OUT}.new ${OUT})
file(REMOVE ${OUT}.new)
