// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "launch/eval_inputs.hpp"
#include "launch/eval_options.hpp"
#include "models/common/model_module.hpp"
#include "models/eval/teacher_forcing.hpp"

namespace ttx::launch {

/// Builds the model on every device, with progress on rank 0's terminal and the documented lines of the
/// stages through `say`. A failure on one device ends all in order (ccl::everywhere).
std::shared_ptr<CausalLM> build_model(const LoadedModule& module, const hf::Checkpoint& checkpoint,
                                      MeshDevice& mesh, const RunLimits& limits,
                                      const std::function<void(std::string_view)>& say);

/// Teacher forcing of the inputs, with progress on device 0's terminal; logits are kept there when the
/// options want them.
TeacherForcingResult score_model(CausalLM& model, const EvalInputs& inputs, const EvalOptions& options);

}  // namespace ttx::launch
