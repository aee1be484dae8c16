# Fuzz targets: fuzz/fuzz_<target>.c, each with LLVMFuzzerTestOneInput and seeds in fuzz/seeds/<target>/.
#
# In every build they are linked with fuzz/fuzz_main.c, which replays files, and the seeds run as tests
# (seeds.<target>). In the fuzz preset they are linked with libFuzzer instead.
# fuzz_dissector is all dissectors in one: it takes the protocol from its program name (fuzz_modbus, a link) or from
# CD_FUZZ_PROTOCOL in the environment; its seeds are tests/protocols/<name>/seeds/.

file(GLOB fuzz_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fuzz/fuzz_*.c)
list(FILTER fuzz_sources EXCLUDE REGEX "/fuzz_main\\.c$")
set(fuzz_dir ${CMAKE_BINARY_DIR}/fuzz)
set(fuzz_rooms ${CORDON_ROOMS})
list(REMOVE_ITEM fuzz_rooms cmd api)

# The harness of all dissectors waits for the first of them.
if(NOT CORDON_PROTOCOLS OR NOT TARGET cd_test_protocols)
    list(FILTER fuzz_sources EXCLUDE REGEX "/fuzz_dissector\\.c$")
endif()

foreach(source ${fuzz_sources})
    get_filename_component(target ${source} NAME_WE)
    string(REGEX REPLACE "^fuzz_" "" name ${target})
    add_executable(${target} ${source})
    cordon_test_flags(${target})
    cordon_use_test_libraries(${target} ${fuzz_rooms})
    cordon_use_rooms(${target} ${fuzz_rooms})
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${fuzz_dir})
    if(CORDON_FUZZ)
        target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    else()
        target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/fuzz/fuzz_main.c)
    endif()

    if(name STREQUAL dissector)
        foreach(protocol ${CORDON_PROTOCOLS})
            if(CORDON_FUZZ)  # fuzz_<protocol>, a link
                add_custom_command(TARGET ${target} POST_BUILD VERBATIM
                    COMMAND ${CMAKE_COMMAND} -E create_symlink fuzz_dissector ${fuzz_dir}/fuzz_${protocol})
            else()
                add_test(NAME seeds.${protocol}
                    COMMAND ${target} ${CMAKE_SOURCE_DIR}/tests/protocols/${protocol}/seeds)
                cordon_test_properties(seeds.${protocol} "" quick 120 seeds)
                set_property(TEST seeds.${protocol} APPEND PROPERTY ENVIRONMENT CD_FUZZ_PROTOCOL=${protocol})
            endif()
        endforeach()
    elseif(CORDON_TESTS)
        file(GLOB seeds CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fuzz/seeds/${name}/*)
        if(seeds)
            add_test(NAME seeds.${name} COMMAND ${target} ${CMAKE_SOURCE_DIR}/fuzz/seeds/${name})
            cordon_test_properties(seeds.${name} "" quick 120 seeds)
        endif()
    endif()
endforeach()

# For ./dev fuzz: name and seed folder of each target.
if(CORDON_FUZZ)
    set(list "")
    foreach(source ${fuzz_sources})
        get_filename_component(name ${source} NAME_WE)
        string(REGEX REPLACE "^fuzz_" "" name ${name})
        if(NOT name STREQUAL dissector)
            string(APPEND list "${name} fuzz/seeds/${name}\n")
        endif()
    endforeach()
    foreach(protocol ${CORDON_PROTOCOLS})
        string(APPEND list "${protocol} tests/protocols/${protocol}/seeds\n")
    endforeach()
    file(WRITE ${fuzz_dir}/targets.txt "${list}")
endif()
