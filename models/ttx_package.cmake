# SPDX-License-Identifier: Apache-2.0
# The CMake package of an install, for bring-ups outside the tree: find_package(ttx) gives ttx::kernels, ttx::runtime,
# ttx::ccl, ttx::models, ttx::arithmetic and ttx_add_model(). Headers are in include/ttx, which is the include root.
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/ttx)
foreach(name kernels runtime ccl models arithmetic)
  set_target_properties(ttx_${name} PROPERTIES EXPORT_NAME ${name})
endforeach()
target_compile_features(ttx_kernels INTERFACE cxx_std_20)
install(TARGETS ttx_kernels ttx_runtime ttx_ccl ttx_models ttx_arithmetic EXPORT ttxTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS DESTINATION include/ttx)
install(EXPORT ttxTargets NAMESPACE ttx:: DESTINATION ${package})

configure_package_config_file(models/ttxConfig.cmake.in ${PROJECT_BINARY_DIR}/ttxConfig.cmake
  INSTALL_DESTINATION ${package} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ttxConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/ttxConfig.cmake ${PROJECT_BINARY_DIR}/ttxConfigVersion.cmake
  ${PROJECT_BINARY_DIR}/module_version.txt
  models/ttx_add_model.cmake models/write_module_sources.cmake
  DESTINATION ${package})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/ttx)
