# SPDX-License-Identifier: Apache-2.0
#
# What makes flaws harder to exploit, for pixelzx-pack and the node; tests/e2e/test_hardening.py has what holds where.
# The launcher has options of its own (launcher/CMakeLists.txt).

add_compile_options(-fstack-protector-strong)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  add_compile_options(-fcf-protection=full)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  add_compile_options(-mbranch-protection=standard)
endif()
# The first wants an optimiser, and sanitizers see more without either.
if(NOT PIXELZX_SANITIZE AND NOT PIXELZX_FUZZ)
  add_compile_options("$<$<NOT:$<CONFIG:Debug>>:SHELL:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>" -D_GLIBCXX_ASSERTIONS)
endif()
add_link_options(LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
