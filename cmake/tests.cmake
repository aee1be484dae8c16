# Tests are found by name; none is listed here.
#
#   tests/<room>/test_<subject>.c            cmocka, ctest name <room>.<subject>; links the room and all below it
#   tests/protocols/<name>/test_<subject>.c  the same, ctest name protocols.<subject>; <name> is one of protocols.def
#   tests/protocols/<name>/*.pcap, *.json    golden.<name>: the program's JSON for each capture
#   tests/house/*.sh *.py                    checks of the repository itself, ctest name house.<subject>
#   tests/e2e/*.sh *.py                      start the real program, ctest name e2e.<subject>
#   tests/corpus/*.sh *.py                   need the corpus folder; label corpus
#
# A script gets CORDON (the program), CORDON_SOURCE and CORDON_BUILD, and exits with 77 to be counted as skipped; a
# cmocka test uses skip(). Scripts named lib*, common* or _* are helpers of the others.
# Speeds: quick (C tests, seeds, house), full (goldens, e2e, corpus), long (only on demand). A file says otherwise
# with a comment "speed: long" and raises its time limit with "timeout: 900" (seconds).

set(sanitizer_env
    "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1"
    "UBSAN_OPTIONS=print_stacktrace=1" "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1")

# cordon_test_properties(name file default-speed default-timeout room)
function(cordon_test_properties name file speed timeout room)
    if(EXISTS "${file}" AND NOT IS_DIRECTORY "${file}")
        file(STRINGS ${file} marks LIMIT_INPUT 4096 REGEX "(speed|timeout): *[a-z0-9]+")
        if(marks MATCHES "speed: *(quick|full|long)")
            set(speed ${CMAKE_MATCH_1})
        endif()
        if(marks MATCHES "timeout: *([0-9]+)")
            set(timeout ${CMAKE_MATCH_1})
        endif()
    endif()
    set(environment ${sanitizer_env} "CORDON_SOURCE=${CMAKE_SOURCE_DIR}" "CORDON_BUILD=${CMAKE_BINARY_DIR}")
    if(TARGET cordon)
        list(APPEND environment "CORDON=$<TARGET_FILE:cordon>")
    endif()
    set_tests_properties(${name} PROPERTIES
        LABELS "${speed};${room}" TIMEOUT ${timeout} SKIP_RETURN_CODE 77 ENVIRONMENT "${environment}"
        WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()

# cordon_unit_test(room file): one cmocka executable
function(cordon_unit_test room file)
    get_filename_component(subject ${file} NAME_WE)
    get_filename_component(folder ${file} DIRECTORY)
    string(REGEX REPLACE "^test_" "" subject ${subject})
    set(target test_${room}_${subject})
    add_executable(${target} ${file})
    cordon_test_flags(${target})
    target_compile_definitions(${target} PRIVATE CD_TEST_DIR="${folder}" CD_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    cordon_use_test_libraries(${target} ${CORDON_ROOMS_BELOW_${room}} ${room})
    cordon_use_rooms(${target} ${CORDON_ROOMS_BELOW_${room}} ${room})
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME ${room}.${subject} COMMAND ${target})
    cordon_test_properties(${room}.${subject} ${file} quick 120 ${room})
endfunction()

foreach(room ${CORDON_ROOMS})
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${room}/test_*.c)
    foreach(file ${files})
        if(file MATCHES "/tests/protocols/([^/]+)/" AND NOT CMAKE_MATCH_1 IN_LIST CORDON_PROTOCOLS)
            message(NOTICE "tests/protocols/${CMAKE_MATCH_1}: left out, not in src/protocols/protocols.def yet")
            continue()
        endif()
        cordon_unit_test(${room} ${file})
    endforeach()
endforeach()

# Goldens
file(GLOB golden_folders CONFIGURE_DEPENDS LIST_DIRECTORIES true ${CMAKE_SOURCE_DIR}/tests/protocols/*)
foreach(folder ${golden_folders})
    file(GLOB captures CONFIGURE_DEPENDS ${folder}/*.pcap ${folder}/*.pcapng)
    if(captures AND TARGET cordon)
        get_filename_component(name ${folder} NAME)
        add_test(NAME golden.${name} COMMAND ${CMAKE_SOURCE_DIR}/tools/golden ${folder})
        cordon_test_properties(golden.${name} "" full 300 golden)
    endif()
endforeach()

# Scripts
foreach(group house e2e corpus)
    file(GLOB scripts CONFIGURE_DEPENDS
        ${CMAKE_SOURCE_DIR}/tests/${group}/*.sh ${CMAKE_SOURCE_DIR}/tests/${group}/*.py)
    list(FILTER scripts EXCLUDE REGEX "/(lib|common|_)[^/]*$")
    if(NOT TARGET cd_test_protocols)
        list(FILTER scripts EXCLUDE REGEX "/house/new_protocol\\.sh$")
    endif()
    foreach(script ${scripts})
        get_filename_component(subject ${script} NAME_WE)
        string(REGEX REPLACE "^test_" "" subject ${subject})
        if(script MATCHES "\\.py$")
            set(runner python3)
        else()
            file(STRINGS ${script} shebang LIMIT_COUNT 1)
            set(runner sh)
            if(shebang MATCHES "bash")
                set(runner bash)
            endif()
        endif()
        add_test(NAME ${group}.${subject} COMMAND ${runner} ${script})
        if(group STREQUAL house)
            cordon_test_properties(${group}.${subject} ${script} quick 120 ${group})
        elseif(group STREQUAL corpus)
            cordon_test_properties(${group}.${subject} ${script} full 3600 ${group})
        else()
            cordon_test_properties(${group}.${subject} ${script} full 300 ${group})
        endif()
    endforeach()
endforeach()

add_test(NAME house.layers COMMAND ${CMAKE_SOURCE_DIR}/tools/check-layers)
cordon_test_properties(house.layers "" quick 60 house)
