// SPDX-License-Identifier: Apache-2.0
#include "launch/eval_model.hpp"

#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "ccl/agreement.hpp"
#include "runtime/progress.hpp"

namespace ttx::launch {

PackedWeights keep_packed(const LoadedModule& module, const hf::Checkpoint& checkpoint, MeshDevice& mesh,
                          const RunLimits& limits) {
  PackedOptions options;
  std::vector<PlannedTensor> planned;
  std::string fingerprint;
  ccl::everywhere(mesh.line(), [&] {
    options.limit = PackedFolder::limit_of_environment();
    planned = module->plan_model(checkpoint, mesh.plan(), mesh.line_index(), limits).tensors;
    fingerprint = checkpoint.fingerprint();
  });
  std::optional<Progress> progress;
  return {checkpoint, fingerprint, mesh, planned, options, [&](std::int64_t bytes) {
            if (mesh.line_index() != 0) {
              return;
            }
            if (!progress) {
              progress.emplace("Packing weights", static_cast<std::int64_t>(checkpoint.weight_bytes()));
            }
            progress->advance(bytes);
          }};
}

std::shared_ptr<CausalLM> build_model(const LoadedModule& module, const hf::Checkpoint& checkpoint,
                                      MeshDevice& mesh, const RunLimits& limits,
                                      const std::shared_ptr<const PackedFile>& packed,
                                      const std::function<void(std::string_view)>& say) {
  std::shared_ptr<CausalLM> model;
  ccl::everywhere(mesh.line(), [&] {
    std::optional<Progress> progress;
    if (mesh.line_index() == 0) {
      progress.emplace("Loading weights", static_cast<std::int64_t>(checkpoint.weight_bytes()));
    }
    const LoadObserver observer{
        .stage = [&](std::string_view stage) { say(fmt::format("  {}", stage)); },
        .loaded =
            [&](std::int64_t bytes) {
              if (progress) {
                progress->advance(bytes);
              }
            },
    };
    model = module->build_model(checkpoint, mesh, limits, observer, packed);
  });
  return model;
}

TeacherForcingResult score_model(CausalLM& model, const EvalInputs& inputs, const EvalOptions& options) {
  const bool is_root = model.mesh().line_index() == 0;
  const PromptPath path = options.prefill_decode ? PromptPath::kDecode : PromptPath::kPrefill;
  std::optional<Progress> progress;
  if (is_root) {
    progress.emplace("Prefill and tokens",
                     model_calls(inputs.prompt_ids.size(), inputs.target_ids.size(), path));
  }
  return teacher_forcing(model, inputs.prompt_ids, inputs.target_ids,
                         {.prompt_path = path,
                          .keep_logits = is_root && options.logits_out.has_value(),
                          .after_call =
                              [&] {
                                if (progress) {
                                  progress->advance();
                                }
                              },
                          .reference_logits = inputs.logits});
}

}  // namespace ttx::launch
