# Fail if a library exports a name without the prefix of all (att_; ATT_ for
# constants; names that are reserved to compilers aside).  The room cli, a
# program whose library nobody else links, has prefixes of its own.
#     cmake -DNM=nm "-DLIBRARIES=a.a;b.a" "-DPROGRAM=c.a" -P this
cmake_minimum_required(VERSION 3.22)

set(n_symbols 0)
foreach(library IN LISTS LIBRARIES PROGRAM)
    set(legal "^(att_|ATT_|__)")
    if(library STREQUAL PROGRAM)
        set(legal "^(att_text_|cli_|cmd_|__)|^main$")
    endif()
    set(n_of_library 0)
    execute_process(COMMAND ${NM} --extern-only --defined-only --format=posix ${library}
                    OUTPUT_VARIABLE text RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "${NM} cannot read ${library}")
    endif()
    string(REGEX MATCHALL "[^\n]+" lines "${text}")
    foreach(line IN LISTS lines)
        if(NOT line MATCHES "^([^ ]+) [A-Z] ")
            continue() # the name of a member, or an empty one
        endif()
        set(symbol ${CMAKE_MATCH_1})
        math(EXPR n_of_library "${n_of_library} + 1")
        if(NOT symbol MATCHES "${legal}")
            message(SEND_ERROR "${library} exports '${symbol}'")
        endif()
    endforeach()
    if(n_of_library EQUAL 0)
        message(FATAL_ERROR "no symbols in '${library}'")
    endif()
    math(EXPR n_symbols "${n_symbols} + ${n_of_library}")
endforeach()
message(STATUS "${n_symbols} exported names have their prefix")
