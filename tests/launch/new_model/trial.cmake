# SPDX-License-Identifier: Apache-2.0
# One more model from its config alone, as its author lives through it: new-model of an install writes a project with
# find_package(ttx), the project builds, and what it built runs on random weights. BUILD: the tree's build folder;
# CONFIG: its build type; GENERATOR, COMPILER: what builds the project; MPIRUN, MPIRUN_FLAGS: how ranks are started.
separate_arguments(mpirun UNIX_COMMAND "${MPIRUN} ${MPIRUN_FLAGS}")
execute_process(COMMAND mktemp -d "--tmpdir" ttx-new-model-XXXXXX
  OUTPUT_VARIABLE place OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(programs ${place}/prefix/bin)
set(project "${place}/my models")
set(environment ${CMAKE_COMMAND} -E env --unset=TTX_MODULE_PATH --unset=LD_LIBRARY_PATH --unset=TTX_ISA
  --unset=CMAKE_PREFIX_PATH --unset=ttx_DIR --unset=DESTDIR TTX_CACHE=${place}/cache)

# run(<exit code> <text of its output> <command ...>)
function(run expected_code expected_text)
  execute_process(COMMAND ${environment} ${ARGN}
    WORKING_DIRECTORY ${place} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code STREQUAL expected_code OR NOT out MATCHES "${expected_text}")
    file(REMOVE_RECURSE ${place})
    message(FATAL_ERROR "${ARGN}: exit code ${code}, expected ${expected_code} and \"${expected_text}\"; it printed:\n${out}")
  endif()
endfunction()

# hash_of(<variable> <command ...>): the logits of an evaluation.
function(hash_of variable)
  run(0 "Top-1 accuracy: [0-9.]+%" ${ARGN} --json ${place}/result.json)
  file(READ ${place}/result.json json)
  string(JSON hash GET "${json}" logits_sha256)
  set(${variable} ${hash} PARENT_SCOPE)
endfunction()

# same_logits(<id> <checkpoint>): on one device, on two, and token by token.
function(same_logits id checkpoint)
  set(arguments --model ${checkpoint} --prompt_file demo_story.txt --max_new_tokens 5 --min_new_tokens 5)
  set(source "${project}/models/${id}")
  hash_of(one ${programs}/ttx-eval ${source}/n150/functional/model.cpp ${arguments})
  hash_of(two ${mpirun} -np 2 ${programs}/ttx-eval ${source}/n300/functional/model.cpp ${arguments})
  hash_of(by_token ${programs}/ttx-eval ${source}/n150/functional/model.cpp ${arguments} --prefill_decode)
  if(NOT one STREQUAL two OR NOT one STREQUAL by_token)
    file(REMOVE_RECURSE ${place})
    message(FATAL_ERROR "${id}: the logits differ: ${one} on one device, ${two} on two, ${by_token} token by token")
  endif()
endfunction()

run(0 "" ${CMAKE_COMMAND} --install ${BUILD} --config ${CONFIG} --prefix ${place}/prefix --strip)

# Of the size of a published model, but for the number of layers. And a model type whose text is two bring-ups deep.
set(smol HuggingFaceTB/SmolLM2-360M)
set(tale acme/Tale)
file(COPY_FILE ${CMAKE_CURRENT_LIST_DIR}/SmolLM2-360M.json ${place}/config.json)
run(0 "Wrote " ${programs}/ttx-synth --config config.json --seed 1 --output smol)
run(0 "Wrote " ${programs}/ttx-synth --model google/gemma-3-4b-it --tiny --seed 1 --output gemma)
set(new_model ${programs}/ttx-new-model --output ${project})
run(2 "this new-model is that of an install: give --output" ${programs}/ttx-new-model ${smol} n150)
foreach(system n150 n300)
  run(0 "Registered ttx_add_model.models/${smol}/${system}/functional/model.cpp" ${new_model} ${smol} ${system} --config config.json)
  run(0 "Registered ttx_add_model.models/${tale}/${system}/functional/model.cpp" ${new_model} ${tale} ${system} --config gemma)
endforeach()

# A function overridden as the guide says, with a call of the base's.
set(header "${project}/models/${tale}/model.hpp")
file(READ "${header}" text)
string(REPLACE "\n};\n" "\n private:\n  Tensor mlp(const llama::Layer& layer, const Tensor& x) const override { return Gemma3ForCausalLM::mlp(layer, x); }\n};\n"
  edited "${text}")
if(edited STREQUAL text)
  file(REMOVE_RECURSE ${place})
  message(FATAL_ERROR "${header} does not end its class where an override can be added:\n${text}")
endif()
file(WRITE "${header}" "${edited}")

run(0 "" ${CMAKE_COMMAND} -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER} "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror"
  -DCMAKE_PREFIX_PATH=${place}/prefix -S ${project} -B ${project}/build)
run(0 "" ${CMAKE_COMMAND} --build ${project}/build --parallel 2)

run(0 "15 / 5 heads: 12 / 4 on each of 2 devices, zero heads appended up to 24 / 8\n"
  ${programs}/ttx-plan ${project}/models/${smol}/n300/functional/model.cpp --model smol)
same_logits(${smol} smol)
same_logits(${tale} gemma)

# A checkpoint of another kind is refused by the lines that the config decided.
run(4 "model_type: got \"gemma3_text\", expected \"llama\""
  ${programs}/ttx-plan ${project}/models/${smol}/n150/functional/model.cpp --model gemma)
file(REMOVE_RECURSE ${place})
