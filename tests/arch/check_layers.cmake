# Fail if a file includes a room that layers.txt does not allow, or a confined
# third-party header outside its room; if a folder of src is no room there, or
# CMakeLists.txt links other rooms to it.  cmake -DROOT=... -P this
cmake_minimum_required(VERSION 3.22)

file(READ ${ROOT}/CMakeLists.txt build)
string(REGEX REPLACE "[ \n]+" " " build "${build}")
set(rooms "")
set(n_includes 0)
file(STRINGS ${ROOT}/tests/arch/layers.txt rows REGEX "^[a-z]+:")
foreach(row IN LISTS rows)
    string(REGEX MATCH "^[a-z]+" room "${row}")
    string(REGEX REPLACE "^[a-z]+:" "" allowed "${row}")
    string(STRIP "${allowed}" allowed)
    list(APPEND rooms ${room})
    set(linked "nothing: it is not built")
    if(build MATCHES "[( ]${room} USES([a-z ]*)")
        string(STRIP "${CMAKE_MATCH_1}" linked)
    endif()
    if(NOT linked STREQUAL allowed)
        message(SEND_ERROR "CMakeLists.txt: room ${room} uses ${linked}, not ${allowed}")
    endif()
    separate_arguments(allowed)
    file(GLOB_RECURSE files ${ROOT}/src/${room}/*.[ch] ${ROOT}/src/${room}/*.inc
         ${ROOT}/include/attest/${room}/*.h)
    foreach(file IN LISTS files)
        file(STRINGS ${file} lines REGEX "^[ \t]*#[ \t]*include")
        foreach(line IN LISTS lines)
            math(EXPR n_includes "${n_includes} + 1")
            if(line MATCHES "[<\"]attest/([a-z]+)/" AND NOT CMAKE_MATCH_1 STREQUAL room
               AND NOT CMAKE_MATCH_1 IN_LIST allowed)
                message(SEND_ERROR "${file}: ${room} may not include ${CMAKE_MATCH_1}")
            endif()
            if(line MATCHES "\"[^\"]*_priv\\.h" AND line MATCHES "/"
               AND NOT line MATCHES "\"${room}/"
               AND NOT (line MATCHES "\"\\.\\./[a-z]+/" AND file MATCHES "/src/${room}/[a-z]+/"))
                message(SEND_ERROR "${file}: ${line}: private headers stay in their room")
            endif()
            if((line MATCHES "[<\"]mpi\\.h" AND NOT room STREQUAL comm) OR
               (line MATCHES "[<\"]hdf5" AND NOT room STREQUAL store) OR
               (line MATCHES "[<\"](cblas|lapacke)" AND NOT file MATCHES "/src/linalg/blas\\.c$") OR
               (line MATCHES "[<\"](Clp|coin)" AND NOT file MATCHES "/src/linalg/lp\\.c$"))
                message(SEND_ERROR "${file}: ${line} is confined to another room")
            endif()
        endforeach()
    endforeach()
endforeach()
file(GLOB folders RELATIVE ${ROOT}/src ${ROOT}/src/*)
foreach(folder IN LISTS folders)
    if(NOT folder IN_LIST rooms)
        message(SEND_ERROR "src/${folder} is no room of tests/arch/layers.txt")
    endif()
endforeach()
if(n_includes EQUAL 0)
    message(FATAL_ERROR "no source file was read: wrong ROOT '${ROOT}'?")
endif()
message(STATUS "${n_includes} includes follow tests/arch/layers.txt")
