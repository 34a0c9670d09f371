# SPDX-License-Identifier: Apache-2.0

# ttx_add_model(<path>/functional/model.cpp [SHARED_SOURCES <files>] [HEADERS <files>] [LIBRARIES <targets>])
#
# Builds one bring-up into a loadable module, <build>/<path>/functional/model.so, that remembers its sources and their
# hashes: programs refuse a module that is older than the source they are given, or than the headers of ttx. Paths are relative to the calling
# folder; the sources include each other by their paths from the project's root. Programs find the module by itself when
# <path> is models/<org>/<name>/<system> and the build folder is named build; otherwise TTX_MODULE_PATH names the folder
# that <org> lies in. The target is named after the path without models/: model.Qwen.Qwen3-0.6B.t3000. An install has
# the module and its sources at the same relative paths in lib/ttx/models.
function(ttx_add_model source)
  cmake_parse_arguments(arg "" "" "SHARED_SOURCES;HEADERS;LIBRARIES" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "ttx_add_model(${source}): does not know '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  foreach(file ${source} ${arg_SHARED_SOURCES} ${arg_HEADERS})
    if(IS_ABSOLUTE ${file} OR NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
      message(FATAL_ERROR "ttx_add_model(${source}): ${file} is not a file's path relative to ${CMAKE_CURRENT_SOURCE_DIR}")
    endif()
  endforeach()
  get_filename_component(folder ${source} DIRECTORY)
  string(REGEX REPLACE "^models/" "" name ${folder})
  string(REGEX REPLACE "/functional$" "" target ${name})
  string(REPLACE "/" "." target "model.${target}")

  set(module_folder ${CMAKE_CURRENT_BINARY_DIR}/${folder})
  file(RELATIVE_PATH build ${module_folder} ${CMAKE_BINARY_DIR})
  set(files ${source} ${arg_SHARED_SOURCES} ${arg_HEADERS})
  list(TRANSFORM files PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  set(record ${module_folder}/module_sources.cpp)
  set(script ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/write_module_sources.cmake)
  set(version ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/module_version.txt)
  if(NOT EXISTS ${version})
    set(version ${ttx_BINARY_DIR}/module_version.txt)  # in ttx's own tree the build makes it
  endif()
  add_custom_command(
    OUTPUT ${record}
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${record}" "-DFOLDER=${CMAKE_CURRENT_SOURCE_DIR}/${folder}" "-DFILES=${files}"
            "-DTARGET=${target}" "-DBUILD=${build}" "-DVERSION=${version}" -P ${script}
    DEPENDS ${files} ${script} ${version}
    VERBATIM)

  set_property(GLOBAL APPEND PROPERTY ttx_bring_ups ${target})
  add_library(${target} MODULE ${source} ${arg_SHARED_SOURCES} ${record})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE ttx::arithmetic ttx::models ${arg_LIBRARIES})
  file(RELATIVE_PATH up /lib/ttx/models/${name} /lib)
  set_target_properties(${target} PROPERTIES
    PREFIX "" SUFFIX ".so" OUTPUT_NAME model LIBRARY_OUTPUT_DIRECTORY ${module_folder}
    CXX_EXTENSIONS OFF INSTALL_RPATH "$ORIGIN/${up}" INSTALL_RPATH_USE_LINK_PATH ON)

  install(TARGETS ${target} LIBRARY DESTINATION lib/ttx/models/${name})
  foreach(file ${source} ${arg_SHARED_SOURCES} ${arg_HEADERS})
    get_filename_component(file_folder ${file} DIRECTORY)
    string(REGEX REPLACE "^models/" "" file_folder ${file_folder})
    install(FILES ${file} DESTINATION lib/ttx/models/${file_folder})
  endforeach()
endfunction()
