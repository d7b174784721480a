# Write models of every kind and run each with the NumPy program; a model with
# one spoiled number must be noticed.
cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
execute_process(COMMAND ${MAKE} ${FOLDER} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "${MAKE} fails")
endif()
file(GLOB models ${FOLDER}/*.h5)
list(LENGTH models n_models)
if(n_models LESS 10)
    message(FATAL_ERROR "only ${n_models} models in ${FOLDER}")
endif()
foreach(model IN LISTS models)
    execute_process(COMMAND ${PYTHON} ${PROGRAM} ${model}
                    RESULT_VARIABLE status OUTPUT_VARIABLE text
                    ERROR_VARIABLE text)
    message(STATUS "${text}")
    if(model MATCHES "spoiled")
        if(NOT status EQUAL 1)
            message(SEND_ERROR "${model} is accepted")
        endif()
    elseif(NOT status EQUAL 0)
        message(SEND_ERROR "${model} is refused")
    endif()
endforeach()
