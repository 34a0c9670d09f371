# SPDX-License-Identifier: Apache-2.0
# A bring-up outside the tree, as its author lives through it: from an install that was staged and moved, with
# find_package(ttx) alone. BUILD, SOURCE: the tree's folders; CONFIG: its build type; GENERATOR, COMPILER: what builds
# the project; MPIRUN, MPIRUN_FLAGS: how ranks are started.
separate_arguments(mpirun UNIX_COMMAND "${MPIRUN} ${MPIRUN_FLAGS}")
execute_process(COMMAND mktemp -d "--tmpdir" ttx-out-of-tree-XXXXXX
  OUTPUT_VARIABLE place OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(prefix ${place}/moved)
set(project "${place}/my models")
set(environment ${CMAKE_COMMAND} -E env --unset=TTX_MODULE_PATH --unset=LD_LIBRARY_PATH --unset=TTX_ISA
  --unset=CMAKE_PREFIX_PATH --unset=ttx_DIR --unset=DESTDIR TTX_CACHE=${place}/cache)

function(fail)
  file(REMOVE_RECURSE ${place})
  message(FATAL_ERROR ${ARGN})
endfunction()

# run(<exit code> <text of its output> <command ...>): in an empty folder; the output is left in `output`.
file(MAKE_DIRECTORY ${place}/elsewhere)
function(run expected_code expected_text)
  execute_process(COMMAND ${environment} ${ARGN}
    WORKING_DIRECTORY ${place}/elsewhere RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code STREQUAL expected_code OR NOT out MATCHES "${expected_text}")
    fail("${ARGN}: exit code ${code}, expected ${expected_code} and \"${expected_text}\"; it printed:\n${out}")
  endif()
  set(output "${out}" PARENT_SCOPE)
endfunction()

# free_of_the_tree(<folder>): no file below it knows where the tree lies.
function(free_of_the_tree folder)
  execute_process(COMMAND grep -rlF -e ${SOURCE} -e ${BUILD} ${folder} OUTPUT_VARIABLE files)
  if(files)
    fail("files that name ${SOURCE} or ${BUILD}:\n${files}")
  endif()
endfunction()

# Staged as a packager does, then moved as a user may. Debug information names the tree; packages have none.
run(0 "" DESTDIR=${place}/stage ${CMAKE_COMMAND} --install ${BUILD} --config ${CONFIG} --prefix /opt/ttx --strip)
file(RENAME ${place}/stage/opt/ttx ${prefix})
free_of_the_tree(${prefix})

set(configure ${CMAKE_COMMAND} -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_PREFIX_PATH=${prefix})
file(COPY ${CMAKE_CURRENT_LIST_DIR}/headers DESTINATION ${place})
run(0 "" ${configure} -S ${place}/headers -B ${place}/headers/build)
run(0 "" ${CMAKE_COMMAND} --build ${place}/headers/build --parallel 2)
run(0 "^3\n$" ${place}/headers/build/program)

# The project of the README, its bring-up a copy of an installed one under its own name.
file(READ ${CMAKE_CURRENT_LIST_DIR}/CMakeLists.txt lists)
file(READ ${SOURCE}/README.md readme)
string(REGEX REPLACE "\n" "\n    " indented "    ${lists}")
string(STRIP "${indented}" indented)
string(FIND "${readme}" "${indented}" at)
if(at EQUAL -1)
  fail("README.md does not show tests/out_of_tree/CMakeLists.txt as it is:\n${indented}")
endif()
file(WRITE "${project}/CMakeLists.txt" "${lists}")
set(original ${prefix}/lib/ttx/models/Qwen/Qwen3-0.6B)
set(fable "${project}/models/acme/Fable")
foreach(file model.cpp model.hpp n150/functional/model.cpp n300/functional/model.cpp)
  file(READ ${original}/${file} text)
  string(REPLACE "Qwen/Qwen3-0.6B" "acme/Fable" text "${text}")
  string(REPLACE "qwen3::" "fable::" text "${text}")
  string(REPLACE "namespace ttx::qwen3" "namespace ttx::fable" text "${text}")
  file(WRITE "${fable}/${file}" "${text}")
endforeach()

run(0 "" ${configure} -DCMAKE_EXPORT_COMPILE_COMMANDS=ON -S ${project} -B ${project}/build)
file(READ "${project}/build/compile_commands.json" commands)
if(NOT commands MATCHES "-ffp-contract=off" OR NOT commands MATCHES "-std=c\\+\\+20" OR commands MATCHES "-Werror|-Wconversion")
  fail("expected -ffp-contract=off, -std=c++20 and no warnings of ours, got:\n${commands}")
endif()
run(0 "" ${CMAKE_COMMAND} --build ${project}/build --parallel 2)
free_of_the_tree(${project})

set(arguments --model ${prefix}/share/ttx/demo --prompt_file demo_story.txt --max_new_tokens 5)
set(on_one ${prefix}/bin/ttx-eval "${fable}/n150/functional/model.cpp" ${arguments})
set(on_two ${mpirun} -np 2 ${prefix}/bin/ttx-eval "${fable}/n300/functional/model.cpp" ${arguments})
run(0 "Loading embeddings\\.\\.\\..*Top-1 accuracy: [0-9.]+%" ${on_one})
run(0 "Top-1 accuracy: [0-9.]+%" ${on_two})

# An edited source is refused until the very command that the refusal names has been run.
file(READ "${fable}/model.cpp" text)
set(load "LlamaForCausalLM::load_attention(weights, prefix, layer);")
string(REPLACE "${load}" "weights.stage(\"Loading the edited attention...\");\n  ${load}" text "${text}")
file(WRITE "${fable}/model.cpp" "${text}")
run(1 "is older than its source.*has changed since; rebuild it with: " ${on_two})
run(1 "is older than its source.*has changed since; rebuild it with: " ${on_one})
string(REGEX MATCH "rebuild it with: ([^\n]*)" command "${output}")
run(0 "" sh -c "${CMAKE_MATCH_1}")
run(0 "Loading the edited attention\\.\\.\\..*Top-1 accuracy: [0-9.]+%" ${on_one})

# Installed beside the others it runs without its project, and its source cannot be edited there.
run(0 "" ${CMAKE_COMMAND} --build ${project}/build)
run(0 "" ${CMAKE_COMMAND} --install ${project}/build --prefix ${prefix})
file(REMOVE_RECURSE "${project}")
set(installed ${prefix}/lib/ttx/models/acme/Fable)
run(0 "Top-1 accuracy: [0-9.]+%" ${prefix}/bin/ttx-eval ${installed}/n150/functional/model.cpp ${arguments})
file(APPEND ${installed}/model.hpp "// edited\n")
run(1 "is older than its source.*lies in no build folder" ${prefix}/bin/ttx-eval ${installed}/n150/functional ${arguments})
file(REMOVE_RECURSE ${place})
