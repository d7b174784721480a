# Fail if a room's library exports a name that does not start with att_ (ATT_
# for constants; names that are reserved to compilers aside).
#     cmake -DNM=nm "-DLIBRARIES=a.a;b.a" -P this
cmake_minimum_required(VERSION 3.22)

set(n_symbols 0)
foreach(library IN LISTS LIBRARIES)
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
        math(EXPR n_symbols "${n_symbols} + 1")
        if(NOT symbol MATCHES "^(att_|ATT_|__)")
            message(SEND_ERROR "${library} exports '${symbol}'")
        endif()
    endforeach()
endforeach()
if(n_symbols LESS 100)
    message(FATAL_ERROR "only ${n_symbols} symbols in '${LIBRARIES}'")
endif()
message(STATUS "${n_symbols} exported names start with att_")
