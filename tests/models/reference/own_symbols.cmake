# SPDX-License-Identifier: Apache-2.0
# Fails when an object with special compile flags defines a linkable symbol outside its own namespaces: the linker might
# give that copy to code that runs on a processor without those instructions.
string(REPLACE "|" ";" objects "${OBJECTS}")
set(checked 0)
foreach(object ${objects})
  get_filename_component(name ${object} NAME)
  if(NOT name MATCHES "^fp32_math_(.*)\\.cpp\\.o$")
    continue()
  endif()
  set(isa ${CMAKE_MATCH_1})
  execute_process(COMMAND ${NM} --demangle --defined-only --extern-only ${object}
                  OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^\n]+" lines "${symbols}")
  foreach(line ${lines})
    if(NOT line MATCHES "Eigen_reference_${isa}::|ttx::reference::fp32_math_${isa}\\(\\)|DW\\.ref\\.__gxx_personality_v0")
      message(FATAL_ERROR "${name} defines a symbol that others may be given:\n${line}")
    endif()
  endforeach()
  math(EXPR checked "${checked} + 1")
endforeach()
if(checked LESS 3)
  message(FATAL_ERROR "Expected three instruction-set objects among ${objects}, found ${checked}")
endif()
