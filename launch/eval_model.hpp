// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "launch/eval_inputs.hpp"
#include "launch/eval_options.hpp"
#include "models/common/model_module.hpp"
#include "models/common/packed_weights.hpp"
#include "models/eval/teacher_forcing.hpp"

namespace ttx::launch {

/// The model's weights of block floats as a file of the cache folder, made by the first run, with progress on
/// rank 0's terminal. Collective.
PackedWeights keep_packed(const LoadedModule& module, const hf::Checkpoint& checkpoint, MeshDevice& mesh,
                          const RunLimits& limits);

/// Builds the model on every device, with progress on rank 0's terminal and the documented lines of the
/// stages through `say`; weights that `packed` holds are taken from it. A failure on one device ends all in
/// order (ccl::everywhere).
std::shared_ptr<CausalLM> build_model(const LoadedModule& module, const hf::Checkpoint& checkpoint,
                                      MeshDevice& mesh, const RunLimits& limits,
                                      const std::shared_ptr<const PackedFile>& packed,
                                      const std::function<void(std::string_view)>& say);

/// Teacher forcing of the inputs, with progress on device 0's terminal; logits are kept there when the
/// options want them.
TeacherForcingResult score_model(CausalLM& model, const EvalInputs& inputs, const EvalOptions& options);

}  // namespace ttx::launch
