# SPDX-License-Identifier: Apache-2.0
# Installs BUILD into a prefix of its own and runs the installed ttx-eval from another folder: what an install holds is
# enough. CONFIG: the build type.
set(place ${BUILD}/tests/install_test)
set(prefix ${place}/prefix)
set(elsewhere ${place}/elsewhere)
file(REMOVE_RECURSE ${place})
file(MAKE_DIRECTORY ${elsewhere})

execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --config ${CONFIG} --prefix ${prefix}
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

# Nothing of the tests, no static library.
file(GLOB_RECURSE files RELATIVE ${prefix} ${prefix}/*)
foreach(file ${files})
  if(NOT file MATCHES "^(bin/ttx-[a-z-]+|lib/libttx_[a-z]+\\.so|lib/ttx/models/.+/model\\.(so|cpp|hpp)|lib/cmake/ttx/([A-Za-z_-]+\\.cmake|module_version\\.txt)|include/ttx/.+\\.hpp|share/ttx/.+|share/doc/ttx/LICENSE)$")
    message(FATAL_ERROR "an install has nothing to do with ${file}")
  endif()
endforeach()

# Every library of ours is the installed one, for modules also when a stranger loads them.
set(module ${prefix}/lib/ttx/models/Qwen/Qwen3-0.6B/n150/functional/model)
set(clean_environment ${CMAKE_COMMAND} -E env --unset=TTX_MODULE_PATH --unset=LD_LIBRARY_PATH --unset=TTX_ISA
  TTX_CACHE=${place}/cache)
foreach(file ${prefix}/bin/ttx-config ${prefix}/bin/ttx-eval ${prefix}/bin/ttx-launch ${prefix}/bin/ttx-reference ${prefix}/bin/ttx-run-eval ${prefix}/bin/ttx-synth ${prefix}/bin/ttx-tokenize ${module}.so)
  execute_process(COMMAND ${clean_environment} ldd ${file}
    OUTPUT_VARIABLE libraries COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "libttx_[^\n]+" libraries "${libraries}")
  list(LENGTH libraries count)
  if(count LESS 4)
    message(FATAL_ERROR "${file}: got ${count} libraries of ttx, expected at least 4: ${libraries}")
  endif()
  foreach(library ${libraries})
    string(REGEX MATCH "=> ([^ ]+)" found "${library}")
    cmake_path(SET path NORMALIZE "${CMAKE_MATCH_1}")
    cmake_path(GET path PARENT_PATH folder)
    if(NOT found OR NOT folder STREQUAL "${prefix}/lib")
      message(FATAL_ERROR "${file}: expected its libraries in ${prefix}/lib, got: ${library}")
    endif()
  endforeach()
endforeach()

# run(<exit code> <text of its output> <arguments of ttx-eval ...>)
function(run expected_code expected_text)
  execute_process(
    COMMAND ${clean_environment} ${prefix}/bin/ttx-eval ${ARGN} --model ${prefix}/share/ttx/demo --max_new_tokens 5
    WORKING_DIRECTORY ${elsewhere} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code STREQUAL expected_code OR NOT out MATCHES "${expected_text}")
    message(FATAL_ERROR
      "ttx-eval ${ARGN}: exit code ${code}, expected ${expected_code} and \"${expected_text}\"; it printed:\n${out}")
  endif()
endfunction()

run(0 "Top-1 accuracy" ${module}.so --prompt_file demo_story.txt)

foreach(architecture llama phi3 mistral qwen2)
  foreach(file config.json generation_config.json model.safetensors tokenizer.json tokenizer_config.json)
    if(NOT EXISTS ${prefix}/share/ttx/demos/${architecture}/${file})
      message(FATAL_ERROR "the demo checkpoint ${architecture} lacks its ${file} in the install")
    endif()
  endforeach()
endforeach()

# A prompt that only the install can have, so that none is found elsewhere; and the module of an installed source.
run(1 "no such prompt file" ${module}.cpp --prompt_file only_in_this_install.txt)
file(WRITE ${prefix}/share/ttx/prompts/only_in_this_install.txt "Once upon a time there was a small tent.\n")
run(0 "Top-1 accuracy" ${module}.cpp --prompt_file only_in_this_install.txt)

# The install's descriptors are the ones it reads.
set(ENV{TT_MESH_GRAPH_DESC_PATH} n300)
run(0 "Top-1 accuracy" ${module}.so --prompt_file demo_story.txt)
set(descriptor ${prefix}/share/ttx/mesh_graph_descriptors/n300_mesh_graph_descriptor.textproto)
file(WRITE ${descriptor} "broken {\n")
run(3 "n300_mesh_graph_descriptor.textproto:2:1: Expected" ${module}.so --prompt_file demo_story.txt)
unset(ENV{TT_MESH_GRAPH_DESC_PATH})

# A bring-up of the install by its id.
execute_process(
  COMMAND ${clean_environment} ${prefix}/bin/ttx-run-eval --mode tt --hf-model Qwen/Qwen3-0.6B --system n150
          --checkpoint ${prefix}/share/ttx/demo --decode-len 5
  WORKING_DIRECTORY ${elsewhere} OUTPUT_VARIABLE out ERROR_VARIABLE out)
if(NOT out MATCHES "^YT_METRICS={\"mode\": \"tt\"")
  message(FATAL_ERROR "ttx-run-eval printed:\n${out}")
endif()

foreach(program ttx-config ttx-launch ttx-new-model ttx-reference ttx-run-eval ttx-synth ttx-tokenize)
  execute_process(COMMAND ${clean_environment} ${prefix}/bin/${program} --help
    WORKING_DIRECTORY ${elsewhere} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(REMOVE_RECURSE ${place})
