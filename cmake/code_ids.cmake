# Write a C table from constructions to the hash of what their numbers depend
# on: cmake -DROOT=source -DOUT=file.c -DOPTIONAL=libraries -P this
#
# The sources of a construction are all files of its family's folder and, from
# there on, everything reached by #include: a private file beside it, and for
# "attest/<room>/<x>.h" the header with src/<room>/<x>*.c and <x>*.inc (which
# takes in the variants of a kernel for each instruction set).  Of room base
# only the files that make numbers count: a better error text changes no row.
cmake_minimum_required(VERSION 3.22)

set(base_that_counts rng value workspace)

# The files that `file` includes, as paths under ROOT.
function(included_files file result)
    set(found "")
    get_filename_component(folder ${file} DIRECTORY)
    file(STRINGS ${ROOT}/${file} lines REGEX "^[ \t]*#[ \t]*include[ \t]*\"")
    foreach(line IN LISTS lines)
        string(REGEX REPLACE "^[^\"]*\"([^\"]+)\".*" "\\1" name "${line}")
        if(name MATCHES "^attest/([a-z]+)/([a-z0-9_]+)\\.h$")
            set(room ${CMAKE_MATCH_1})
            set(stem ${CMAKE_MATCH_2})
            if(room STREQUAL base AND NOT stem IN_LIST base_that_counts)
                continue()
            endif()
            file(GLOB files RELATIVE ${ROOT} ${ROOT}/include/${name}
                 ${ROOT}/src/${room}/${stem}*.c ${ROOT}/src/${room}/${stem}*.inc)
            list(APPEND found ${files})
        else()
            foreach(place ${folder} ${folder}/..)
                if(EXISTS ${ROOT}/${place}/${name})
                    file(RELATIVE_PATH path ${ROOT} ${ROOT}/${place}/${name})
                    list(APPEND found ${path})
                    break()
                endif()
            endforeach()
        endif()
    endforeach()
    set(${result} ${found} PARENT_SCOPE)
endfunction()

# All files that the files of a folder depend on, themselves included.
function(closure folder result)
    file(GLOB_RECURSE todo RELATIVE ${ROOT} ${ROOT}/${folder}/*.c
         ${ROOT}/${folder}/*.h ${ROOT}/${folder}/*.inc)
    set(done "")
    while(todo)
        list(POP_FRONT todo file)
        if(NOT file IN_LIST done)
            list(APPEND done ${file})
            included_files(${file} next)
            list(APPEND todo ${next})
        endif()
    endwhile()
    list(SORT done)
    set(${result} ${done} PARENT_SCOPE)
endfunction()

# The 16 hex digits of a folder's closure.
function(code_id folder result)
    closure(${folder} files)
    set(text "${OPTIONAL}\n")
    foreach(file IN LISTS files)
        file(SHA256 ${ROOT}/${file} digest)
        string(APPEND text "${file} ${digest}\n")
    endforeach()
    string(SHA256 digest "${text}")
    string(SUBSTRING ${digest} 0 16 digest)
    set(${result} ${digest} PARENT_SCOPE)
endfunction()

# The folder under src/construction that defines a construction.
function(family_of name result)
    file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/src/construction/*.c)
    foreach(file IN LISTS files)
        file(STRINGS ${ROOT}/${file} hit LIMIT_COUNT 1
             REGEX "^const struct att_construction att_construction_${name}[ \t]*=")
        if(hit)
            get_filename_component(folder ${file} DIRECTORY)
            set(${result} ${folder} PARENT_SCOPE)
            return()
        endif()
    endforeach()
    message(FATAL_ERROR "families.def lists '${name}', but no file under "
            "src/construction has a line starting with "
            "'const struct att_construction att_construction_${name} ='")
endfunction()

file(STRINGS ${ROOT}/src/construction/families.def lines
     REGEX "^CONSTRUCTION\\([a-z0-9_]+\\)")
set(rows "")
foreach(line IN LISTS lines)
    string(REGEX REPLACE "^CONSTRUCTION\\(([a-z0-9_]+)\\).*" "\\1" name "${line}")
    family_of(${name} folder)
    if(NOT DEFINED id_of_${folder})
        code_id(${folder} id_of_${folder})
    endif()
    string(APPEND rows "    {\"${name}\", \"${id_of_${folder}}\"},\n")
endforeach()

file(CONFIGURE OUTPUT ${OUT} CONTENT
"/* Made by cmake/code_ids.cmake from the sources; do not edit. */
#include \"code_ids_priv.h\"

const struct att_code_id att_code_ids[] = {
${rows}    {0, 0},
};
")
