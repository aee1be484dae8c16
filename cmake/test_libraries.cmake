# What tests share: the .c files of tests/<room>/ that are not test_*.c themselves become cd_test_<room>, linked into the
# tests of that room and of all above it. tests/protocols/harness.c serves the fuzz harness too.

pkg_check_modules(cmocka REQUIRED IMPORTED_TARGET cmocka)

# cordon_test_flags(target): the flags of tests, cmocka, and tests/ as a folder to include from.
function(cordon_test_flags target)
    target_link_libraries(${target} PRIVATE cd_test_flags PkgConfig::cmocka)
    target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
endfunction()

foreach(room ${CORDON_ROOMS})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${room}/*.c)
    list(FILTER sources EXCLUDE REGEX "/test_[^/]*$")
    if(sources AND TARGET cd_${room})
        add_library(cd_test_${room} STATIC ${sources})
        cordon_test_flags(cd_test_${room})
        cordon_use_rooms(cd_test_${room} ${CORDON_ROOMS_BELOW_${room}} ${room})
    endif()
endforeach()

# cordon_use_test_libraries(target room...): those of the rooms named that exist.
function(cordon_use_test_libraries target)
    foreach(room ${ARGN})
        if(TARGET cd_test_${room})
            target_link_libraries(${target} PRIVATE cd_test_${room})
        endif()
    endforeach()
endfunction()
