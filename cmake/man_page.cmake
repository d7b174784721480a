# Write attest.1 from what attest says about itself: cmake -DATTEST=program
# -DOUT=attest.1 -Dversion=... -P this.
cmake_minimum_required(VERSION 3.22)

# Help as roff: escapes, and no line that starts like a request.
function(as_roff result text)
    string(REPLACE "\\" "\\e" text "${text}")
    string(REPLACE "-" "\\-" text "${text}")
    string(REGEX REPLACE "(^|\n)([.'])" "\\1\\\\&\\2" text "${text}")
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

function(ask result)
    execute_process(COMMAND ${ATTEST} ${ARGN} OUTPUT_VARIABLE text
                    RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "${ATTEST} ${ARGN} fails")
    endif()
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

ask(help --help)
as_roff(roff "${help}")
set(page ".TH ATTEST 1 \"\" \"attest ${version}\" \"User Commands\"
.SH NAME
attest \\- build the transformers that expressivity theorems promise, and measure
.SH SYNOPSIS
.B attest
.I command
[\\fIoperand\\fR...] [\\fIoption\\fR...]
.SH DESCRIPTION
.nf
${roff}.fi
")

string(REGEX REPLACE "\n`attest.*" "\n" commands "${help}")
string(REGEX MATCHALL "\n  [a-z]+ " commands "${commands}")
string(APPEND page ".SH COMMANDS\n")
foreach(command IN LISTS commands)
    string(STRIP "${command}" command)
    ask(text ${command} --help)
    as_roff(roff "${text}")
    string(APPEND page ".SS ${command}\n.nf\n${roff}.fi\n")
endforeach()

string(APPEND page ".SH EXIT STATUS
.TP
0
every task is done
.TP
1
infrastructure; a mismatch in verify, rebuild or diff
.TP
2
command line or study file
.TP
3
done, some tasks failed
.TP
4
check: a proved claim is violated
.TP
75
drained with work left: run again
.TP
128+n
ended by signal n
.SH ENVIRONMENT
.TP
NO_COLOR
when not empty, no colours on a terminal
.TP
PAGER
shows long tables (default: less \\-FRX)
")
file(WRITE ${OUT} "${page}")
