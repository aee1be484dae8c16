# Outside libraries. cd_ext_<room> is what the room of that name links; a room without one needs none.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

foreach(module libpcap libndpi libprotobuf-c libsodium libseccomp libzstd zlib)
    pkg_check_modules(${module} REQUIRED IMPORTED_TARGET GLOBAL ${module})
endforeach()

# The SQLite3 Multiple Ciphers amalgamation: fetched and compiled once for all presets (third_party/sqlite3mc/build).
execute_process(
    COMMAND ${CMAKE_SOURCE_DIR}/third_party/sqlite3mc/build ${CORDON_DEPS}
    OUTPUT_VARIABLE sqlite3mc_dir OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE result)
if(result)
    message(FATAL_ERROR "third_party/sqlite3mc/build failed; its message is above")
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    third_party/sqlite3mc/package-lock.json third_party/sqlite3mc/build)
add_library(sqlite3mc STATIC IMPORTED GLOBAL)
set_target_properties(sqlite3mc PROPERTIES IMPORTED_LOCATION ${sqlite3mc_dir}/lib/libsqlite3mc.a)
target_include_directories(sqlite3mc SYSTEM INTERFACE ${sqlite3mc_dir}/include)
target_link_libraries(sqlite3mc INTERFACE Threads::Threads m)

# cordon_external(room library...)
function(cordon_external room)
    add_library(cd_ext_${room} INTERFACE)
    target_link_libraries(cd_ext_${room} INTERFACE ${ARGN})
endfunction()

cordon_external(base PkgConfig::libsodium Threads::Threads m)
cordon_external(proc PkgConfig::libseccomp)
cordon_external(capture PkgConfig::libpcap PkgConfig::libzstd PkgConfig::zlib)
cordon_external(observe PkgConfig::libprotobuf-c)
cordon_external(store sqlite3mc PkgConfig::libsodium)
cordon_external(protocols PkgConfig::libsodium PkgConfig::libndpi)
cordon_external(sensor PkgConfig::libndpi)
