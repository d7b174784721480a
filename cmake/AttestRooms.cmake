# att_room(name USES rooms...): the static library att_<name> from every .c
# file under src/<name>.  The global property ATT_ROOMS lists them.
#
# Files named *_avx2.c and *_avx512.c are compiled for their instruction set
# on x86-64 and left out elsewhere; the room chooses among them at run time.
add_library(att_warnings INTERFACE)
target_compile_options(att_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
    -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wcast-qual -Wundef
    -Wformat=2 -Wwrite-strings
    -Wswitch-enum -ffp-contract=off -fno-math-errno
    # clang sees a promotion in every NAN and INFINITY, which are floats
    $<$<C_COMPILER_ID:GNU>:-Wdouble-promotion>
    $<$<BOOL:${ATTEST_WERROR}>:-Werror>)

function(att_isa_flags sources)
    foreach(source IN LISTS sources)
        if(source MATCHES "_avx2\\.c$")
            set_source_files_properties(${source} PROPERTIES
                COMPILE_OPTIONS "-mavx2;-mfma")
        elseif(source MATCHES "_avx512\\.c$")
            set_source_files_properties(${source} PROPERTIES
                COMPILE_OPTIONS
                "-mavx512f;-mavx512dq;-mavx512bw;-mavx512vl;-mavx512vpopcntdq;-mavx2;-mfma")
        endif()
    endforeach()
endfunction()

# The target of a room: att_<room>, but att_config is the interface of common flags.
function(att_room_target room result)
    string(REGEX REPLACE "^att_config$" "att_config_room" target att_${room})
    set(${result} ${target} PARENT_SCOPE)
endfunction()

function(att_room name)
    cmake_parse_arguments(ARG "" "" "USES" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS
         ${CMAKE_CURRENT_SOURCE_DIR}/src/${name}/*.c)
    if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        list(FILTER sources EXCLUDE REGEX "_avx(2|512)\\.c$")
    endif()
    att_room_target(${name} target)
    set(uses "")
    foreach(room IN LISTS ARG_USES)
        att_room_target(${room} use)
        list(APPEND uses ${use})
    endforeach()
    att_isa_flags("${sources}")
    add_library(${target} STATIC ${sources})
    set_property(GLOBAL APPEND PROPERTY ATT_ROOMS ${target})
    target_include_directories(${target} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/include)
    target_link_libraries(${target} PUBLIC ${uses} PRIVATE att_warnings)
    # Not in tests: the compiler does not know that CU_ASSERT_..._FATAL leaves
    # the function, and follows pointers that it lets nobody pass.
    target_compile_options(${target} PRIVATE -Wnull-dereference)
endfunction()

# att_program(name ROOM room USES rooms... PRIVATE libraries...)
function(att_program name)
    cmake_parse_arguments(ARG "" "ROOM" "USES;PRIVATE" ${ARGN})
    att_room(${ARG_ROOM} USES ${ARG_USES})
    target_link_libraries(att_${ARG_ROOM} PRIVATE ${ARG_PRIVATE})
    get_target_property(sources att_${ARG_ROOM} SOURCES)
    list(FILTER sources INCLUDE REGEX "/main\\.c$")
    if(sources)
        add_executable(${name} ${sources})
        target_link_libraries(${name} PRIVATE att_${ARG_ROOM} att_warnings)
    endif()
endfunction()
