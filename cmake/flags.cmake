# What every file of ours is compiled with.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)

find_program(CORDON_CCACHE ccache)
if(CORDON_CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
    set(CMAKE_C_COMPILER_LAUNCHER ${CORDON_CCACHE})
endif()

# Sanitizers apply to everything compiled here, generated code included.
if(CORDON_SANITIZE)
    add_compile_options(-fsanitize=${CORDON_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${CORDON_SANITIZE})
    add_compile_definitions(CD_SANITIZED=1)
    if(CORDON_SANITIZE MATCHES "undefined")
        add_compile_options(-fno-sanitize-recover=undefined)
        if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
            # gcc's check of a shifted value makes -Wconversion warn of sound code; the clang presets keep it.
            add_compile_options(-fno-sanitize=shift-base)
        endif()
    endif()
    if(CORDON_FUZZ)
        if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
            message(FATAL_ERROR "libFuzzer needs clang: cmake --preset fuzz")
        endif()
        add_compile_options(-fsanitize=fuzzer-no-link)
    endif()
endif()

# A PIE with read-only relocations, stack protector, fortified libc calls and control-flow protection. The
# sanitizers replace these checks with their own, so they are for builds without them.
# -fPIE, not -fPIC: everything here ends in a program, where functions can't be replaced and so can be inlined.
add_compile_options(-fPIE)
add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack)
if(NOT CORDON_SANITIZE)
    add_compile_options(-fstack-protector-strong -fstack-clash-protection)
    if(CMAKE_C_FLAGS MATCHES "-O[123]")
        add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
    endif()
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        add_compile_options(-fcf-protection)
    elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64")
        add_compile_options(-mbranch-protection=standard)
    endif()
endif()

if(CORDON_NATIVE)
    add_compile_options(-march=native)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-march=x86-64)
endif()

# lld links a test in a fraction of the time; gcc's link-time optimisation needs the GNU linker.
if(NOT CMAKE_INTERPROCEDURAL_OPTIMIZATION)
    find_program(CORDON_LLD ld.lld)
    if(CORDON_LLD)
        add_link_options(-fuse-ld=lld)
    endif()
endif()

# Warnings are errors, in our own files only. cd_flags is for the program, cd_test_flags for what includes cmocka, whose
# assert_*() cast everything to one integer type.
set(warnings -Wall -Wextra -Wshadow -Wstrict-prototypes -Wold-style-definition -Wvla -Wformat -Wformat-security -Wundef -Wpointer-arith -Werror)
foreach(flags cd_flags cd_test_flags)
    add_library(${flags} INTERFACE)
    target_compile_options(${flags} INTERFACE ${warnings})
    target_compile_definitions(${flags} INTERFACE _GNU_SOURCE)
    target_include_directories(${flags} INTERFACE ${CMAKE_SOURCE_DIR}/src)
endforeach()
target_compile_options(cd_flags INTERFACE -Wconversion -Wno-sign-conversion -Wmissing-prototypes)

# cd_banned: the functions of src/base/banned.h are compile errors in src/, not in the tests.
add_library(cd_banned INTERFACE)
target_compile_options(cd_banned INTERFACE -include ${CMAKE_SOURCE_DIR}/src/base/banned.h)
