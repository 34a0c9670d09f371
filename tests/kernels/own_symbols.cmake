# SPDX-License-Identifier: Apache-2.0
# Fails when an instruction-set object defines any symbol but its one table function: what is defined weakly or
# globally there may be linked into code that runs on a processor without that instruction set.
string(REPLACE "|" ";" objects "${OBJECTS}")
set(checked 0)
foreach(object ${objects})
  get_filename_component(name ${object} NAME)
  if(NOT name MATCHES "^isa_(.*)\\.cpp\\.o$")
    continue()
  endif()
  set(isa ${CMAKE_MATCH_1})
  execute_process(COMMAND ${NM} --demangle --defined-only --extern-only ${object}
                  OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(STRIP "${symbols}" symbols)
  if(NOT symbols MATCHES "^[0-9a-f]+ T ttx::kernels::${isa}_table\\(\\)$")
    message(FATAL_ERROR "${name} defines more than ${isa}_table():\n${symbols}")
  endif()
  math(EXPR checked "${checked} + 1")
endforeach()
if(NOT checked EQUAL 4)
  message(FATAL_ERROR "Expected four instruction-set objects among ${objects}, found ${checked}")
endif()
