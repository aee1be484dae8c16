# Programs for working on Cordon. tools/<name>/*.c is one program of that name (plantsim), linked with base alone;
# bench/<name>.c is one program bench_<name> each, linked with every room. They land in build/<preset>/tools and bench.

file(GLOB tool_folders CONFIGURE_DEPENDS LIST_DIRECTORIES true ${CMAKE_SOURCE_DIR}/tools/*)
foreach(folder ${tool_folders})
    file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.c)
    if(sources)
        get_filename_component(name ${folder} NAME)
        add_executable(${name} ${sources})
        target_link_libraries(${name} PRIVATE cd_flags)
        cordon_use_rooms(${name} base)
        set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tools)
    endif()
endforeach()

file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/*.c)
foreach(source ${sources})
    get_filename_component(name ${source} NAME_WE)
    add_executable(bench_${name} ${source})
    target_link_libraries(bench_${name} PRIVATE cd_flags)
    cordon_use_rooms(bench_${name} ${CORDON_ROOMS})
    set_target_properties(bench_${name} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endforeach()
