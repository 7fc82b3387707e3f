# SPDX-License-Identifier: Apache-2.0
#
# Build metadata (version, time, commit, branch) as a source file of a target.
#
#   include(build_info)
#   pixelzx_add_build_info(<target> [DEPENDS <file or target>...])
#
# adds to <target> a source file that defines pixelzx::node::build_info(). Every build runs this file
# once more as a script, which looks at the repository and rewrites the source only when something
# changed, so an unchanged tree is not linked again. The time is $SOURCE_DATE_EPOCH if set; else that
# of the build that last changed the metadata or one of DEPENDS.

if(NOT CMAKE_SCRIPT_MODE_FILE)
  # A function sees the caller's CMAKE_CURRENT_LIST_FILE, not this file's.
  set(PIXELZX_BUILD_INFO_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

  function(pixelzx_add_build_info target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS")
    find_package(Git QUIET)
    set(output "${CMAKE_CURRENT_BINARY_DIR}/build_info.cc")
    set(files)
    foreach(item IN LISTS arg_DEPENDS)
      if(TARGET ${item})
        list(APPEND files "$<TARGET_FILE:${item}>")
      else()
        list(APPEND files "${CMAKE_CURRENT_SOURCE_DIR}/${item}")
      endif()
    endforeach()
    add_custom_target(${target}_build_info
      COMMAND "${CMAKE_COMMAND}"
              "-DOUTPUT=${output}"
              "-DVERSION=${PROJECT_VERSION}"
              "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}"
              "-DGIT=$<$<BOOL:${GIT_FOUND}>:${GIT_EXECUTABLE}>"
              "-DFILES=${files}"
              -P "${PIXELZX_BUILD_INFO_SCRIPT}"
      DEPENDS ${arg_DEPENDS}
      BYPRODUCTS "${output}"
      COMMENT "Looking at version, commit and branch"
      VERBATIM)
    add_dependencies(${target} ${target}_build_info)
    target_sources(${target} PRIVATE "${output}")
  endfunction()
  return()
endif()

# Sets `variable` to what git prints, without surrounding space; to nothing when git is missing or fails.
function(git_says variable)
  set(${variable} "" PARENT_SCOPE)
  if(GIT)
    # Six platforms are built at once; none may hold the index lock that another build needs.
    set(ENV{GIT_OPTIONAL_LOCKS} 0)
    execute_process(
      COMMAND "${GIT}" -C "${SOURCE_DIR}" ${ARGN}
      RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_QUIET)
    if(NOT failed)
      string(STRIP "${said}" said)
      set(${variable} "${said}" PARENT_SCOPE)
    endif()
  endif()
endfunction()

# A source archive unpacked inside some other repository must not take over that one's commit:
# --show-cdup prints an empty line at the top of the work tree only.
set(COMMIT "unknown")
set(BRANCH "unknown")
git_says(here rev-parse --show-cdup HEAD)
if(here MATCHES "^[0-9a-f]+$")
  string(SUBSTRING "${here}" 0 12 COMMIT)
  git_says(changes status --porcelain --untracked-files=no)
  if(NOT changes STREQUAL "")
    string(APPEND COMMIT "-dirty")
  endif()
  git_says(BRANCH symbolic-ref --quiet --short HEAD)
  if(BRANCH STREQUAL "")
    git_says(BRANCH for-each-ref --points-at=HEAD --count=1 "--format=%(refname:short)" refs/heads)
  endif()
  if(BRANCH STREQUAL "")
    set(BRANCH "detached")
  endif()
  # Of what must not stand in a C++ literal, git allows only this in a branch name.
  string(REPLACE "\"" "\\\"" BRANCH "${BRANCH}")
else()
  # A container build has no repository, but is told what it builds (packaging/docker.sh).
  if("$ENV{PIXELZX_COMMIT}" MATCHES "^[0-9a-f]+(-dirty)?$")
    set(COMMIT "$ENV{PIXELZX_COMMIT}")
  endif()
  if("$ENV{PIXELZX_BRANCH}" MATCHES "^[A-Za-z0-9._/+-]+$")
    set(BRANCH "$ENV{PIXELZX_BRANCH}")
  endif()
endif()

set(TEMPLATE "${CMAKE_CURRENT_LIST_DIR}/build_info.cc.in")
set(epoch "$ENV{SOURCE_DATE_EPOCH}")
if(epoch STREQUAL "")
  unset(ENV{SOURCE_DATE_EPOCH})
  set(old "")
  if(EXISTS "${OUTPUT}")
    file(STRINGS "${OUTPUT}" old REGEX "build_time = ")
    string(REGEX MATCH "[0-9T:-]+Z" old "${old}")
  endif()
  foreach(file IN LISTS FILES)
    if("${file}" IS_NEWER_THAN "${OUTPUT}")
      set(old "")
    endif()
  endforeach()
  if(NOT old STREQUAL "")
    set(BUILD_TIME "${old}")
    configure_file("${TEMPLATE}" "${OUTPUT}.same" @ONLY)
    file(READ "${OUTPUT}" before)
    file(READ "${OUTPUT}.same" after)
    file(REMOVE "${OUTPUT}.same")
    if(before STREQUAL after)
      return()
    endif()
  endif()
elseif(NOT epoch MATCHES "^[0-9]+$")
  message(FATAL_ERROR
    "SOURCE_DATE_EPOCH is '${epoch}', which is not a number of seconds since 1970. "
    "Unset it, or set it to one, for example: $(git log -1 --format=%ct)")
endif()

string(TIMESTAMP BUILD_TIME "%Y-%m-%dT%H:%M:%SZ" UTC)
configure_file("${TEMPLATE}" "${OUTPUT}" @ONLY)
