# SPDX-License-Identifier: Apache-2.0
#
# The tree of the `dist` preset: builds the other presets and fills PIXELZX_DIST_DIR with
#   pixelzx.bundle  launcher/linux-*/pixelzx  sbom.spdx.json
# Each preset keeps its own folder below build/, as if it had been built by hand.
include(ExternalProject)

set(PIXELZX_PLATFORMS "linux/amd64;linux/arm64;linux/arm/v7;linux/riscv64;linux/ppc64le;linux/s390x"
  CACHE STRING "Platforms to build, a list with semicolons")
set(PIXELZX_DIST_DIR "${CMAKE_SOURCE_DIR}/dist" CACHE PATH "Where the results go")

function(add_preset preset target)
  ExternalProject_Add(${preset}
    SOURCE_DIR "${CMAKE_SOURCE_DIR}" BINARY_DIR "${CMAKE_SOURCE_DIR}/build/${preset}"
    STAMP_DIR "${CMAKE_BINARY_DIR}/stamp" TMP_DIR "${CMAKE_BINARY_DIR}/tmp"
    CONFIGURE_COMMAND "${CMAKE_COMMAND}" -S "${CMAKE_SOURCE_DIR}" --preset ${preset}
    BUILD_COMMAND "${CMAKE_COMMAND}" --build "${CMAKE_SOURCE_DIR}/build/${preset}" --target ${target}
    INSTALL_COMMAND "" BUILD_ALWAYS ON ${ARGN})
endfunction()

set(pack "${CMAKE_SOURCE_DIR}/build/host/packaging/pixelzx-pack")
add_preset(host pixelzx-pack BUILD_BYPRODUCTS "${pack}")

set(slices "")
set(inputs "${pack}")
set(presets host)
set(copies "")
foreach(platform IN LISTS PIXELZX_PLATFORMS)
  string(REPLACE "/" "-" name "${platform}")
  set(node "${CMAKE_SOURCE_DIR}/build/${name}/node/pixelzx")
  set(launcher "${CMAKE_SOURCE_DIR}/build/${name}-launcher/launcher/pixelzx")
  add_preset(${name} node BUILD_BYPRODUCTS "${node}")
  add_preset(${name}-launcher launcher BUILD_BYPRODUCTS "${launcher}")
  list(APPEND slices "${platform}=${node}")
  list(APPEND inputs "${node}")
  list(APPEND presets ${name} ${name}-launcher)
  list(APPEND copies COMMAND "${CMAKE_COMMAND}" -E copy_if_different "${launcher}"
    "${PIXELZX_DIST_DIR}/launcher/${name}/pixelzx")
endforeach()

add_custom_command(OUTPUT "${PIXELZX_DIST_DIR}/pixelzx.bundle"
  COMMAND "${CMAKE_COMMAND}" -E make_directory "${PIXELZX_DIST_DIR}"
  COMMAND "${pack}" create --quiet --program pixelzx --version "${PROJECT_VERSION}" --doctor --own-name
    -o "${PIXELZX_DIST_DIR}/pixelzx.bundle" ${slices}
  DEPENDS ${inputs} ${presets} VERBATIM COMMENT "Packing ${PIXELZX_DIST_DIR}/pixelzx.bundle")
# The links leave their maps beside the programs; what changed in them is not known here, so this is always done.
add_custom_target(dist ALL ${copies}
  COMMAND "${CMAKE_COMMAND}" "-DPLATFORMS=${PIXELZX_PLATFORMS}" "-DVERSION=${PROJECT_VERSION}"
    "-DBUILD_DIR=${CMAKE_SOURCE_DIR}/build" "-DDIST_DIR=${PIXELZX_DIST_DIR}" -P "${CMAKE_SOURCE_DIR}/cmake/sbom.cmake"
  DEPENDS "${PIXELZX_DIST_DIR}/pixelzx.bundle" ${presets} VERBATIM)
