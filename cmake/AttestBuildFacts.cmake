# att_build_facts(target): compile into target what a result should say about
# the build it came from.  Compiler and libraries are known when CMake runs;
# the git commit and the difference to it are asked at every build, and the
# file is rewritten only when they have changed.  Outside git both are empty.
function(att_build_facts target)
    set(script ${CMAKE_CURRENT_SOURCE_DIR}/cmake/build_facts.cmake)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/build_facts.c)
    string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
    string(STRIP "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${type}}" flags)
    set(mpi "left out")
    if(ATTEST_MPI)
        set(mpi "MPI ${MPI_C_VERSION} ${MPI_C_LIBRARIES}")
    endif()
    set(libraries "")
    foreach(name IN LISTS ATT_OPTIONAL_LIBRARIES)
        if(ATT_HAVE_${name})
            string(APPEND libraries "${name} ${att_${name}_pc_VERSION}, ")
        else()
            string(APPEND libraries "${name} absent, ")
        endif()
    endforeach()
    string(REGEX REPLACE ", $" "" libraries "${libraries}")

    add_custom_target(att_build_facts
        COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_CURRENT_SOURCE_DIR}
                -DOUT=${output}
                "-Dattest_version=${PROJECT_VERSION}"
                "-Dcompiler=${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}"
                "-Dcompiler_flags=${flags}"
                "-Dmpi=${mpi}" "-Dblas=${ATT_BLAS_PATH}"
                "-Dlibraries=${libraries}" -P ${script}
        BYPRODUCTS ${output}
        COMMENT "Asking git which sources these are"
        VERBATIM)
    target_sources(${target} PRIVATE ${output})
    set_source_files_properties(${output} PROPERTIES
        COMPILE_OPTIONS -Wno-overlength-strings)
    target_include_directories(${target} PRIVATE
        ${CMAKE_CURRENT_SOURCE_DIR}/src/store)
    add_dependencies(${target} att_build_facts)
endfunction()
