# code_ids.cmake on a small tree: an id changes with what its family depends
# on and with nothing else.  cmake -DSCRIPT=code_ids.cmake -DTREE=folder -P this
cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE ${TREE})

# Ids of the constructions alpha (reads a kernel) and beta (reads nothing).
function(ids result_alpha result_beta)
    execute_process(COMMAND ${CMAKE_COMMAND} -DROOT=${TREE} -DOUT=${TREE}/ids.c
                            "-DOPTIONAL=${optional}" -P ${SCRIPT}
                    RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "the script fails on ${TREE}")
    endif()
    file(READ ${TREE}/ids.c text)
    foreach(name alpha beta)
        if(NOT text MATCHES "{\"${name}\", \"([0-9a-f]+)\"}")
            message(FATAL_ERROR "no id of ${name} in:\n${text}")
        endif()
        string(LENGTH ${CMAKE_MATCH_1} length)
        if(NOT length EQUAL 16)
            message(FATAL_ERROR "'${CMAKE_MATCH_1}' is not 16 digits")
        endif()
        set(${result_${name}} ${CMAKE_MATCH_1} PARENT_SCOPE)
    endforeach()
endfunction()

# After writing text to a file: does alpha (beta) change?
function(expect file text alpha beta)
    ids(alpha_before beta_before)
    file(WRITE ${TREE}/${file} "${text}")
    ids(alpha_after beta_after)
    foreach(name alpha beta)
        if(${name}_before STREQUAL ${name}_after)
            set(now same)
        else()
            set(now changed)
        endif()
        if(NOT now STREQUAL ${name})
            message(SEND_ERROR "${file}: id of ${name} is ${now}, not ${${name}}")
        endif()
    endforeach()
endfunction()

set(optional "SLEEF=1,")
file(WRITE ${TREE}/src/construction/families.def
     "/* comment: CONSTRUCTION(name) */\nCONSTRUCTION(alpha)\nCONSTRUCTION(beta)\n")
file(WRITE ${TREE}/src/construction/one/alpha.c
     "#include \"attest/linalg/vector.h\"\n#include \"shared_priv.h\"\n"
     "const struct att_construction att_construction_alpha = {0};\n")
file(WRITE ${TREE}/src/construction/one/shared_priv.h "")
file(WRITE ${TREE}/src/construction/two/beta.c
     "#include \"attest/base/status.h\"\n"
     "const struct att_construction att_construction_beta = {0};\n")
file(WRITE ${TREE}/include/attest/linalg/vector.h "#include \"attest/base/rng.h\"\n")
file(WRITE ${TREE}/src/linalg/vector.c "#include \"vector_priv.h\"\n")
file(WRITE ${TREE}/src/linalg/vector_priv.h "")
file(WRITE ${TREE}/src/linalg/vector_avx2.c "#include \"vector.inc\"\n")
file(WRITE ${TREE}/src/linalg/vector.inc "")
file(WRITE ${TREE}/src/linalg/other.c "")
file(WRITE ${TREE}/include/attest/base/rng.h "")
file(WRITE ${TREE}/src/base/rng.c "")
file(WRITE ${TREE}/include/attest/base/status.h "")
file(WRITE ${TREE}/src/base/status.c "")

expect(src/linalg/other.c "1" same same)             # nobody includes it
expect(src/base/status.c "1" same same)              # no number depends on it
expect(src/construction/one/shared_priv.h "1" changed same)
expect(src/construction/one/helper.c "1" changed same) # a new file
expect(include/attest/linalg/vector.h
       "#include \"attest/base/rng.h\"\n/* 1 */\n" changed same)
expect(src/linalg/vector.c "#include \"vector_priv.h\"\n/* 1 */\n" changed same)
expect(src/linalg/vector_priv.h "1" changed same)
expect(src/linalg/vector_avx2.c "#include \"vector.inc\"\n/* 1 */\n" changed same)
expect(src/linalg/vector.inc "1" changed same)
expect(src/base/rng.c "1" changed same)

ids(alpha_before beta_before)
set(optional "SLEEF=2,")
ids(alpha_after beta_after)
if(alpha_before STREQUAL alpha_after OR beta_before STREQUAL beta_after)
    message(SEND_ERROR "another version of a library changes no id")
endif()

file(APPEND ${TREE}/src/construction/families.def "CONSTRUCTION(gamma)\n")
execute_process(COMMAND ${CMAKE_COMMAND} -DROOT=${TREE} -DOUT=${TREE}/ids.c
                        -DOPTIONAL= -P ${SCRIPT}
                RESULT_VARIABLE status ERROR_VARIABLE text)
if(status EQUAL 0 OR NOT text MATCHES "'gamma'")
    message(SEND_ERROR "a construction that nobody defines is not refused by name")
endif()
