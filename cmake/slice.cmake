# SPDX-License-Identifier: Apache-2.0
#
# How the programs of one platform are built: static, and of the libraries that packaging/third_party/build.sh makes, the
# build machine's own platform included. The host tree takes Debian's packages, of the same versions, by the same names.

if(NOT EXISTS "${PIXELZX_THIRD_PARTY}/include/CLI/CLI.hpp")
  message(FATAL_ERROR
    "CLI/CLI.hpp is not in PIXELZX_THIRD_PARTY ('${PIXELZX_THIRD_PARTY}')/include. "
    "Set it to the directory that packaging/third_party/build.sh prints for this platform.")
endif()
include_directories(SYSTEM "${PIXELZX_THIRD_PARTY}/include")
link_directories("${PIXELZX_THIRD_PARTY}/lib")
# A static program that has a path for shared libraries dies of an assertion in glibc's _dl_relocate_static_pie().
set(CMAKE_SKIP_RPATH ON)
add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED GLOBAL)
add_library(spdlog::spdlog INTERFACE IMPORTED GLOBAL)
target_compile_definitions(spdlog::spdlog INTERFACE SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL)
target_link_libraries(spdlog::spdlog INTERFACE spdlog fmt)

# Where functions find addresses in a table of their object file's (.toc), --gc-sections keeps what any of them refers to;
# optimised when linked, they are in one, and only those that are used.
set(at_link "")
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "ppc64le")
  set(at_link -flto)
endif()
add_compile_options(
  $<$<CONFIG:Release>:-O2>
  -ffunction-sections
  -fdata-sections
  ${at_link})
# As packaging/third_party/build.sh has it: 64 bits for sizes of files, inodes and times.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "armv7l")
  add_compile_definitions(_FILE_OFFSET_BITS=64 _TIME_BITS=64)
endif()

# At an address of the kernel's choice, where Debian's glibc has what relocates a static program (rcrt1.o).
set(static -static)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|aarch64)$")
  set(static -static-pie)
endif()
# Relocations in little room (DT_RELR): 14 KB of the bundle. Binutils 2.40 knows it for this one only.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  list(APPEND static LINKER:-z,pack-relative-relocs)
endif()
add_link_options(
  ${static}
  ${at_link}
  LINKER:--gc-sections
  # ppc64le and some arm64 kernels have pages of 64 KiB.
  LINKER:-z,max-page-size=65536
  $<$<CONFIG:Release>:-s>)
