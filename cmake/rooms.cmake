# Each room src/<room> is a static library cd_<room>. src/layers.txt gives the rooms, lowest first, and what each may
# include; it links just that. A room that has no .c file yet is skipped.

set(layers_file ${CMAKE_SOURCE_DIR}/src/layers.txt)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${layers_file})
file(STRINGS ${layers_file} layer_lines REGEX "^[a-z]+:")

# observation.proto is compiled into the build folder: #include "observe/observation.pb-c.h".
set(generated_dir ${CMAKE_BINARY_DIR}/generated)
set(proto_file ${CMAKE_SOURCE_DIR}/src/observe/observation.proto)
if(EXISTS ${proto_file})
    find_program(CORDON_PROTOC_C protoc-c REQUIRED)
    set(proto_outputs ${generated_dir}/observe/observation.pb-c.c ${generated_dir}/observe/observation.pb-c.h)
    file(MAKE_DIRECTORY ${generated_dir})
    add_custom_command(
        OUTPUT ${proto_outputs}
        COMMAND ${CORDON_PROTOC_C} --c_out=${generated_dir} -I ${CMAKE_SOURCE_DIR}/src observe/observation.proto
        DEPENDS ${proto_file}
        COMMENT "Generating observe/observation.pb-c.c" VERBATIM)
    add_library(cd_observation STATIC ${proto_outputs})
    target_include_directories(cd_observation SYSTEM PUBLIC ${generated_dir})
    target_link_libraries(cd_observation PUBLIC PkgConfig::libprotobuf-c)
endif()

# The store's migrations are compiled into the program by tools/embed-sql.
file(GLOB migrations CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/store/migrations/*.sql)
set(migrations_output ${generated_dir}/store/migrations.c)
file(MAKE_DIRECTORY ${generated_dir}/store)
add_custom_command(
    OUTPUT ${migrations_output}
    COMMAND ${CMAKE_SOURCE_DIR}/tools/embed-sql ${migrations_output} ${migrations}
    DEPENDS ${CMAKE_SOURCE_DIR}/tools/embed-sql ${migrations}
    COMMENT "Generating store/migrations.c" VERBATIM)

# cordon_use_rooms(target room...): link those of the rooms that exist, highest first.
function(cordon_use_rooms target)
    set(rooms ${ARGN})
    list(REVERSE rooms)
    foreach(room ${rooms})
        if(TARGET cd_${room})
            target_link_libraries(${target} PUBLIC cd_${room})
        endif()
    endforeach()
endfunction()

set(CORDON_ROOMS "")
foreach(line ${layer_lines})
    string(REGEX MATCH "^([a-z]+): *(.*)$" matched "${line}")
    set(room ${CMAKE_MATCH_1})
    separate_arguments(allowed UNIX_COMMAND "${CMAKE_MATCH_2}")
    list(APPEND CORDON_ROOMS ${room})
    set(CORDON_ROOMS_BELOW_${room} ${allowed})

    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${room}/*.c)
    list(FILTER sources EXCLUDE REGEX "/src/cmd/main\\.c$")
    if(NOT sources)
        if(NOT (room STREQUAL observe AND TARGET cd_observation))
            message(VERBOSE "room ${room}: no source yet")
            continue()
        endif()
        add_library(cd_${room} INTERFACE)
        target_link_libraries(cd_${room} INTERFACE cd_observation)
        continue()
    endif()

    if(room STREQUAL store)
        list(APPEND sources ${migrations_output})
    endif()
    add_library(cd_${room} STATIC ${sources})
    target_link_libraries(cd_${room} PRIVATE cd_flags cd_banned)
    target_include_directories(cd_${room} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    cordon_use_rooms(cd_${room} ${allowed})
    if(TARGET cd_ext_${room})
        target_link_libraries(cd_${room} PUBLIC cd_ext_${room})
    endif()
    if(room STREQUAL observe AND TARGET cd_observation)
        target_link_libraries(cd_${room} PUBLIC cd_observation)
    endif()
endforeach()

# Files that may call malloc and free themselves (src/base/banned.h), each with its reason.
set(may_allocate
    src/base/memory.c)  # it is where cd_alloc and cd_free are made
foreach(file ${may_allocate})
    set_property(SOURCE ${file} APPEND PROPERTY COMPILE_DEFINITIONS CD_BANNED_ALLOW_ALLOC=)
endforeach()

if(EXISTS ${CMAKE_SOURCE_DIR}/src/cmd/main.c)
    add_executable(cordon src/cmd/main.c)
    target_link_libraries(cordon PRIVATE cd_flags cd_banned)
    foreach(target cordon cd_cmd)
        if(TARGET ${target})
            target_compile_definitions(${target} PRIVATE CD_VERSION="${PROJECT_VERSION}")
        endif()
    endforeach()
    cordon_use_rooms(cordon ${CORDON_ROOMS})
endif()
