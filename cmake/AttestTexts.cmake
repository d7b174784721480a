# att_texts(target NAME FILE...): compile files of the tree into target as the
# zero-terminated texts att_text_<NAME>, NAME and FILE in pairs; declared in the
# header that uses them.
function(att_texts target)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${target}_texts.c)
    set(source "/* Made by cmake/AttestTexts.cmake; do not edit. */\n")
    set(pairs ${ARGN})
    while(pairs)
        list(POP_FRONT pairs name file)
        set(path ${CMAKE_CURRENT_SOURCE_DIR}/${file})
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
        file(READ ${path} bytes HEX)
        string(REGEX REPLACE "(..)" "0x\\1, " bytes "${bytes}")
        string(APPEND source "extern const char att_text_${name}[];\n"
               "const char att_text_${name}[] = {${bytes}0};\n")
    endwhile()
    file(CONFIGURE OUTPUT ${output} CONTENT "${source}" @ONLY)
    target_sources(${target} PRIVATE ${output})
endfunction()
