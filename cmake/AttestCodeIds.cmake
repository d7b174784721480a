# att_code_ids(target): compile into target a table that gives every
# construction of families.def the hash of the sources its numbers depend on.
# The script code_ids.cmake makes it at build time, again whenever one of the
# sources changes.
function(att_code_ids target)
    set(script ${CMAKE_CURRENT_SOURCE_DIR}/cmake/code_ids.cmake)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/code_ids.c)
    set(patterns "")
    foreach(room base linalg model problem construction)
        foreach(extension c h inc def)
            list(APPEND patterns
                 ${CMAKE_CURRENT_SOURCE_DIR}/src/${room}/*.${extension}
                 ${CMAKE_CURRENT_SOURCE_DIR}/include/attest/${room}/*.${extension})
        endforeach()
    endforeach()
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${patterns})

    # The optional libraries in use, with their versions, are part of a hash.
    set(optional "")
    foreach(name IN LISTS ATT_OPTIONAL_LIBRARIES)
        if(ATT_HAVE_${name})
            string(APPEND optional "${name}=${att_${name}_pc_VERSION},")
        endif()
    endforeach()

    add_custom_command(
        OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_CURRENT_SOURCE_DIR}
                -DOUT=${output} "-DOPTIONAL=${optional}" -P ${script}
        DEPENDS ${script} ${sources}
        COMMENT "Hashing the sources of every construction"
        VERBATIM)
    target_sources(${target} PRIVATE ${output})
    target_include_directories(${target} PRIVATE
        ${CMAKE_CURRENT_SOURCE_DIR}/src/construction)
endfunction()
