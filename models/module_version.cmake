# SPDX-License-Identifier: Apache-2.0
# What a module was built against: a hash of all public headers, since any of them may change what lies where in memory.
# In module_version.txt for ttx_add_model(), in module_version() for programs. Sets the global property
# TTX_PUBLIC_HEADERS.
set(public_headers)
foreach(library ttx_kernels ttx_runtime ttx_ccl ttx_models)
  get_target_property(headers ${library} HEADER_SET)
  foreach(header ${headers})
    cmake_path(RELATIVE_PATH header BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
    list(APPEND public_headers ${header})
  endforeach()
endforeach()
set_property(GLOBAL PROPERTY TTX_PUBLIC_HEADERS ${public_headers})
list(TRANSFORM public_headers PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE headers)
set(text ${PROJECT_BINARY_DIR}/module_version.txt)
set(source ${PROJECT_BINARY_DIR}/module_version.cpp)
set(script ${CMAKE_CURRENT_LIST_DIR}/write_module_version.cmake)
add_custom_command(
  OUTPUT ${text} ${source}
  COMMAND ${CMAKE_COMMAND} -DTEXT=${text} -DSOURCE=${source} -DROOT=${PROJECT_SOURCE_DIR}
          "-DHEADERS=${public_headers}" -P ${script}
  DEPENDS ${headers} ${script}
  VERBATIM)
target_sources(ttx_models PRIVATE ${source})
