# SPDX-License-Identifier: Apache-2.0

# ttx_add_model(<path>/functional/model.cpp [SHARED_SOURCES <files>] [HEADERS <files>])
#
# Builds one bring-up into a loadable module, <build>/models/<path>/functional/model.so, that remembers its sources and
# their hashes: programs refuse a module that is older than the source they are given. Paths are relative to the calling
# folder. The target is named after the path, model.Qwen.Qwen3-0.6B.t3000. An install has the module and the sources at
# the same relative paths in lib/ttx/models.
set(TTX_MODULE_SOURCES_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/write_module_sources.cmake)

function(ttx_add_model source)
  cmake_parse_arguments(arg "" "" "SHARED_SOURCES;HEADERS" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "ttx_add_model(${source}): does not know '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  get_filename_component(folder ${source} DIRECTORY)
  string(REGEX REPLACE "/functional$" "" name ${folder})
  string(REPLACE "/" "." target "model.${name}")

  set(files ${source} ${arg_SHARED_SOURCES} ${arg_HEADERS})
  list(TRANSFORM files PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  set(record ${CMAKE_CURRENT_BINARY_DIR}/${folder}/module_sources.cpp)
  add_custom_command(
    OUTPUT ${record}
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${record}" "-DFOLDER=${CMAKE_CURRENT_SOURCE_DIR}/${folder}" "-DFILES=${files}"
            "-DTARGET=${target}" "-DBUILD=${CMAKE_BINARY_DIR}" -P ${TTX_MODULE_SOURCES_SCRIPT}
    DEPENDS ${files} ${TTX_MODULE_SOURCES_SCRIPT}
    VERBATIM)

  add_library(${target} MODULE ${source} ${arg_SHARED_SOURCES} ${record})
  target_link_libraries(${target} PRIVATE ttx_build ttx_models)
  set_target_properties(${target} PROPERTIES
    PREFIX "" SUFFIX ".so" OUTPUT_NAME model LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${folder})

  set(installed ${CMAKE_INSTALL_LIBDIR}/ttx/models)
  file(RELATIVE_PATH up /${installed}/${folder} /${CMAKE_INSTALL_LIBDIR})
  set_target_properties(${target} PROPERTIES INSTALL_RPATH "$ORIGIN/${up}")
  install(TARGETS ${target} LIBRARY DESTINATION ${installed}/${folder})
  foreach(file ${source} ${arg_SHARED_SOURCES} ${arg_HEADERS})
    get_filename_component(file_folder ${file} DIRECTORY)
    install(FILES ${file} DESTINATION ${installed}/${file_folder})
  endforeach()
endfunction()
