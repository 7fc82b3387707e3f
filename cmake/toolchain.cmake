# SPDX-License-Identifier: Apache-2.0
#
# The one toolchain file for all platforms: Debian's GCC cross compilers.
#   PIXELZX_PLATFORM  linux/amd64, linux/arm64, linux/arm/v7, linux/riscv64, linux/ppc64le, linux/s390x
#   PIXELZX_LIBC      glibc (the node) or musl (the launcher)

list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PIXELZX_PLATFORM PIXELZX_LIBC)

# platform | processor | triple | triple of the launcher | flags of the launcher: the lowest CPU of the
# family, so that it can explain what the slices need. Debian's armhf start files are ARMv7 whatever
# the flags, so the arm launcher is built by the soft-float compiler.
set(_platforms
  "linux/amd64|x86_64|x86_64-linux-gnu|x86_64-linux-gnu|-march=x86-64"
  "linux/arm64|aarch64|aarch64-linux-gnu|aarch64-linux-gnu|-march=armv8-a -mno-outline-atomics"
  "linux/arm/v7|armv7l|arm-linux-gnueabihf|arm-linux-gnueabi|-march=armv5te -marm -mfloat-abi=soft"
  "linux/riscv64|riscv64|riscv64-linux-gnu|riscv64-linux-gnu|-march=rv64gc -mabi=lp64d"
  "linux/ppc64le|ppc64le|powerpc64le-linux-gnu|powerpc64le-linux-gnu|-mcpu=power8 -mlong-double-64"
  "linux/s390x|s390x|s390x-linux-gnu|s390x-linux-gnu|-march=z196")

set(_row "")
foreach(_candidate IN LISTS _platforms)
  if(_candidate MATCHES "^${PIXELZX_PLATFORM}\\|")
    string(REPLACE "|" ";" _row "${_candidate}")
  endif()
endforeach()
if(NOT _row OR NOT PIXELZX_LIBC MATCHES "^(glibc|musl)$")
  message(FATAL_ERROR "toolchain.cmake knows no PIXELZX_PLATFORM='${PIXELZX_PLATFORM}' with "
    "PIXELZX_LIBC='${PIXELZX_LIBC}'. Use a preset: cmake --list-presets")
endif()
list(GET _row 1 CMAKE_SYSTEM_PROCESSOR)
set(CMAKE_SYSTEM_NAME Linux)
if(PIXELZX_LIBC STREQUAL "musl")
  list(GET _row 3 _triple)
  list(GET _row 4 _flags)
  # Programs cannot be linked before the project has added musl.
  set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
else()
  list(GET _row 2 _triple)
  set(_flags "")
endif()
set(CMAKE_C_COMPILER "${_triple}-gcc")
set(CMAKE_CXX_COMPILER "${_triple}-g++")
set(CMAKE_C_FLAGS_INIT "${_flags}")
set(CMAKE_CXX_FLAGS_INIT "${_flags}")
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
