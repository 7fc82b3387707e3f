# SPDX-License-Identifier: Apache-2.0
#
# cmake -DPLATFORMS=… -DVERSION=… -DBUILD_DIR=… -DDIST_DIR=… -P sbom.cmake
#
# Writes DIST_DIR/sbom.spdx.json: every library that is linked into a launcher or a node, in SPDX 2.3
# (https://spdx.github.io/spdx-spec/v2.3/). What is linked is what the linker says that it read (the maps of
# the links) and what ninja says that the compiler included; whose that is say sources.lock and dpkg. A file
# that belongs to nobody known stops the build. SOURCE_DATE_EPOCH gives the date, 0 if unset.
cmake_minimum_required(VERSION 3.25)

set(lock "${CMAKE_CURRENT_LIST_DIR}/../packaging/third_party/sources.lock")

# Which line of sources.lock a file, or a folder of headers, is from that packaging/third_party/build.sh has built.
set(owners
  "^lib/(libc\\.a|crt[1in]\\.o)$" musl
  "^lib/libzstddec\\.a$" libzstd
  "^lib/libbearssl_sha256\\.a$" bearssl
  "^include/CLI$" cli11
  "^include/nlohmann$" nlohmann-json3
  "^include/boost$" boost1.74
  "^(lib/libcryptopp\\.a|include/cryptopp)$" libcrypto++
  "^(lib/libfmt\\.a|include/fmt)$" fmtlib
  "^(lib/libgmp\\.a|include/gmp\\.h)$" gmp
  "^(lib/libleveldb\\.a|include/leveldb)$" leveldb
  "^(lib/libsecp256k1\\.a|include/secp256k1(_recovery)?\\.h)$" libsecp256k1
  "^(lib/libspdlog\\.a|include/spdlog)$" spdlog
  "^(lib/libyaml-cpp\\.a|include/yaml-cpp)$" yaml-cpp)
# Licences of what comes with the compiler, by Debian source package.
set(licence_of_gcc-12 "GPL-3.0-or-later WITH GCC-exception-3.1")
set(licence_of_glibc "LGPL-2.1-or-later")

# ---- which source packages a program is made of ----

# Sets ${result} to NAME|VERSION|LICENCE|DSC_SHA256 of a package in sources.lock.
function(locked_package name result)
  string(REGEX REPLACE "([.+])" "\\\\\\1" pattern "${name}")
  file(STRINGS "${lock}" line REGEX "^${pattern} ")
  if(NOT line MATCHES "^${pattern} +([^ ]+) +([0-9a-f]+) +([^ ]+) ")
    message(FATAL_ERROR "sbom: ${lock} has no line for ${name}")
  endif()
  set(${result} "${name}|${CMAKE_MATCH_1}|${CMAKE_MATCH_3}|${CMAKE_MATCH_2}" PARENT_SCOPE)
endfunction()

# The same for a file in the folder of packaging/third_party/build.sh.
function(built_package file result)
  set(rest "${owners}")
  while(rest)
    list(POP_FRONT rest pattern name)
    if(file MATCHES "${pattern}")
      locked_package(${name} package)
      set(${result} "${package}" PARENT_SCOPE)
      return()
    endif()
  endwhile()
  message(FATAL_ERROR "sbom: ${file} of packaging/third_party is linked, and cmake/sbom.cmake does not know which "
    "library that is. Add it to the owners there")
endfunction()

# Sets ${result} to the SHA-256 of the .dsc of a source package of Debian's, as Debian's signed index tells it; empty, with
# a warning, where that cannot be asked, so that what was fetched before still builds offline.
function(dsc_digest name version result)
  get_property(asked GLOBAL PROPERTY versions_in_debian SET)
  if(NOT asked)
    execute_process(COMMAND "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../packaging/apt.sh" versions gcc-12 glibc
      OUTPUT_VARIABLE lines ERROR_VARIABLE why)
    if(why)
      message(WARNING "sbom: ${why}")
    endif()
    string(REPLACE "\n" ";" lines "${lines}")
    set_property(GLOBAL PROPERTY versions_in_debian "${lines}")
  endif()
  get_property(lines GLOBAL PROPERTY versions_in_debian)
  list(TRANSFORM lines REPLACE " " "|")
  foreach(line IN LISTS lines)
    string(FIND "${line}" "${name}|${version}|" at)
    if(at EQUAL 0)
      string(REGEX REPLACE "^[^|]*\\|[^|]*\\|([^|]*).*" "\\1" digest "${line}")
      set(${result} "${digest}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(WARNING "sbom: Debian's index of sources does not tell the digest of ${name} ${version}")
  set(${result} "" PARENT_SCOPE)
endfunction()

# Adds to ${result} the same for files of Debian packages, from the source packages that their code is from; without
# a digest, which is looked up once, for all programs.
function(debian_packages files result)
  execute_process(COMMAND dpkg-query -S ${files} OUTPUT_VARIABLE owners ERROR_VARIABLE why RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "sbom: this is linked, but belongs to no Debian package and no library of packaging/third_party. "
      "Add it to cmake/sbom.cmake, and its licence to packaging/third_party: ${why}")
  endif()
  string(REGEX MATCHALL "[^\n]+: /" owners "${owners}")
  list(TRANSFORM owners REPLACE ": /$" "")
  list(REMOVE_DUPLICATES owners)
  foreach(owner IN LISTS owners)
    if(owner MATCHES "^libc6")
      set(name glibc)
    elseif(owner MATCHES "^lib(gcc|stdc\\+\\+)-")
      set(name gcc-12)
    else()
      message(FATAL_ERROR "sbom: a file of ${owner} is linked, and cmake/sbom.cmake does not know that package's licence")
    endif()
    # A cross compiler's package says in Built-Using whose code it holds, among other things.
    execute_process(COMMAND dpkg-query -W -f "\${source:Package} (= \${source:Version}), \${Built-Using}" "${owner}"
      OUTPUT_VARIABLE sources COMMAND_ERROR_IS_FATAL ANY)
    if(NOT sources MATCHES "(^|, )${name} \\(= ([^)]+)\\)")
      message(FATAL_ERROR "sbom: dpkg does not tell which ${name} is in ${owner}: ${sources}")
    endif()
    list(APPEND ${result} "${name}|${CMAKE_MATCH_2}|${licence_of_${name}}|")
  endforeach()
  set(${result} "${${result}}" PARENT_SCOPE)
endfunction()

# Sets ${result} to the packages that the program linked in `tree` is made of.
function(packages_of tree folder result)
  file(STRINGS "${tree}/${folder}/pixelzx.map" files REGEX "^LOAD (/|third_party/)")
  list(TRANSFORM files REPLACE "^LOAD " "")
  if(NOT files)
    message(FATAL_ERROR "sbom: ${tree}/${folder}/pixelzx.map names no file that was linked")
  endif()
  # Of libraries that are headers alone; what those of musl and its like declare is in their archives.
  execute_process(COMMAND ninja -C "${tree}" -t deps OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
  set(built "")
  if(folder STREQUAL "node")
    string(REGEX MATCHALL "[^ \n]*third_party/include/[^/\n]+" built "${headers}")
  endif()
  string(REGEX MATCH "/usr/[^ \n]*/c\\+\\+/[^\n]+" of_compiler "${headers}")  # of libstdc++, one as good as another
  list(APPEND files ${built} ${of_compiler})
  list(REMOVE_DUPLICATES files)
  set(packages "")
  set(of_debian "")
  foreach(file IN LISTS files)
    string(FIND "${file}" "${BUILD_DIR}/" at)
    if(file MATCHES "(^|/)third_party/((lib|include)/.*)$")
      built_package("${CMAKE_MATCH_2}" package)
      list(APPEND packages "${package}")
    # Neither our own objects, nor what the link-time optimiser makes of them in the folder for temporary files.
    elseif(NOT at EQUAL 0 AND NOT file MATCHES "\\.ltrans[0-9]*\\.ltrans\\.o$")
      get_filename_component(file "${file}" REALPATH)
      list(APPEND of_debian "${file}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES of_debian)
  debian_packages("${of_debian}" packages)
  list(REMOVE_DUPLICATES packages)
  list(SORT packages)
  set(${result} "${packages}" PARENT_SCOPE)
endfunction()

# ---- the document ----

# Letters, digits, dots and dashes, as identifiers are made of.
function(identifier text result)
  string(REGEX REPLACE "[^A-Za-z0-9.]" "-" text "${text}")
  set(${result} "SPDXRef-${text}" PARENT_SCOPE)
endfunction()

# Adds a package. The rest: members of its JSON object that only some have.
function(add_package id name version purpose licence)
  list(JOIN ARGN ",\n      " members)
  if(members)
    string(PREPEND members ",\n      ")
  endif()
  string(APPEND packages "    {
      \"SPDXID\": \"${id}\",
      \"name\": \"${name}\",
      \"versionInfo\": \"${version}\",
      \"primaryPackagePurpose\": \"${purpose}\",
      \"downloadLocation\": \"NOASSERTION\",
      \"filesAnalyzed\": false,
      \"licenseConcluded\": \"${licence}\",
      \"licenseDeclared\": \"${licence}\",
      \"copyrightText\": \"NOASSERTION\"${members}
    },\n")
  set(packages "${packages}" PARENT_SCOPE)
endfunction()

# Adds a file of DIST_DIR, or of the bundle, that is ours.
function(add_product id name purpose file shown_as)
  file(SHA256 "${file}" digest)
  add_package(${id} "${name}" "${VERSION}" ${purpose} Apache-2.0
    "\"packageFileName\": \"${shown_as}\""
    "\"checksums\": [{\"algorithm\": \"SHA256\", \"checksumValue\": \"${digest}\"}]")
  set(packages "${packages}" PARENT_SCOPE)
endfunction()

macro(relate from type to)
  string(APPEND relationships
    "    {\"spdxElementId\": \"${from}\", \"relationshipType\": \"${type}\", \"relatedSpdxElement\": \"${to}\"},\n")
endmacro()

# A source package of Debian. The digest of its .dsc pins all its files.
function(add_library_package id row)
  string(REPLACE "|" ";" row "${row}")
  list(GET row 0 name)
  list(GET row 1 version)
  list(GET row 2 licence)
  list(GET row 3 digest)
  if(NOT digest)
    dsc_digest("${name}" "${version}" digest)
  endif()
  string(REPLACE "+" "%2B" purl_package "${name}@${version}")
  # Scanners know Debian's suites by number.
  set(purl "pkg:deb/debian/${purl_package}?arch=source&distro=debian-12")
  set(members
    "\"supplier\": \"Organization: Debian\""
    "\"externalRefs\": [{\"referenceCategory\": \"PACKAGE-MANAGER\", \"referenceType\": \"purl\", \"referenceLocator\": \"${purl}\"}]")
  if(digest)
    string(REGEX REPLACE "^[0-9]+:" "" file_version "${version}")
    list(APPEND members "\"packageFileName\": \"${name}_${file_version}.dsc\""
      "\"checksums\": [{\"algorithm\": \"SHA256\", \"checksumValue\": \"${digest}\"}]")
  endif()
  add_package(${id} "${name}" "${version}" LIBRARY "${licence}" ${members})
  set(packages "${packages}" PARENT_SCOPE)
endfunction()

set(packages "")
set(relationships "")
set(libraries "")
relate(SPDXRef-DOCUMENT DESCRIBES SPDXRef-pixelzx)
add_package(SPDXRef-pixelzx pixelzx "${VERSION}" APPLICATION Apache-2.0
  "\"externalRefs\": [{\"referenceCategory\": \"PACKAGE-MANAGER\", \"referenceType\": \"purl\", \"referenceLocator\": \"pkg:generic/pixelzx@${VERSION}\"}]")
relate(SPDXRef-pixelzx CONTAINS SPDXRef-bundle)
add_product(SPDXRef-bundle pixelzx.bundle ARCHIVE "${DIST_DIR}/pixelzx.bundle" pixelzx.bundle)
foreach(platform IN LISTS PLATFORMS)
  string(REPLACE "/" "-" name "${platform}")
  add_product(SPDXRef-launcher-${name} "pixelzx launcher for ${platform}" APPLICATION
    "${DIST_DIR}/launcher/${name}/pixelzx" "launcher/${name}/pixelzx")
  relate(SPDXRef-pixelzx CONTAINS SPDXRef-launcher-${name})
  add_product(SPDXRef-node-${name} "pixelzx node for ${platform}" APPLICATION
    "${BUILD_DIR}/${name}/node/pixelzx" "${platform}/pixelzx")
  relate(SPDXRef-bundle CONTAINS SPDXRef-node-${name})
  packages_of("${BUILD_DIR}/${name}-launcher" launcher of_launcher)
  packages_of("${BUILD_DIR}/${name}" node of_node)
  foreach(program launcher node)
    foreach(row IN LISTS of_${program})
      string(REGEX REPLACE "^([^|]+)\\|([^|]+)\\|.*" "\\1-\\2" id "${row}")
      identifier("${id}" id)
      relate(SPDXRef-${program}-${name} STATIC_LINK ${id})
      list(APPEND libraries "${row}")
    endforeach()
  endforeach()
endforeach()
list(REMOVE_DUPLICATES libraries)
list(SORT libraries)
foreach(row IN LISTS libraries)
  string(REGEX REPLACE "^([^|]+)\\|([^|]+)\\|.*" "\\1-\\2" id "${row}")
  identifier("${id}" id)
  add_library_package(${id} "${row}")
endforeach()
string(REGEX REPLACE ",\n$" "\n" packages "${packages}")
string(REGEX REPLACE ",\n$" "\n" relationships "${relationships}")

if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  set(ENV{SOURCE_DATE_EPOCH} 0)
endif()
string(TIMESTAMP created "%Y-%m-%dT%H:%M:%SZ" UTC)
string(SHA256 digest "${created}${packages}${relationships}")
file(WRITE "${DIST_DIR}/sbom.spdx.json" "{
  \"spdxVersion\": \"SPDX-2.3\",
  \"dataLicense\": \"CC0-1.0\",
  \"SPDXID\": \"SPDXRef-DOCUMENT\",
  \"name\": \"pixelzx-${VERSION}\",
  \"documentNamespace\": \"https://spdx.org/spdxdocs/pixelzx-${VERSION}-${digest}\",
  \"creationInfo\": {
    \"created\": \"${created}\",
    \"creators\": [\"Tool: pixelzx-sbom.cmake-${VERSION}\"]
  },
  \"packages\": [
${packages}  ],
  \"relationships\": [
${relationships}  ]
}
")
