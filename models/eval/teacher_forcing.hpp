// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/common/causal_lm.hpp"
#include "runtime/host_tensor.hpp"

namespace ttx {

enum class PromptPath {
  kPrefill,  ///< the whole prompt in one call
  kDecode,   ///< token by token through the decode path
};

struct TeacherForcing {
  PromptPath prompt_path = PromptPath::kPrefill;
  bool keep_logits = false;
  /// Called on every device after each call of the model; there are model_calls() of them.
  std::function<void()> after_call;
  /// On device 0, FLOAT32 [at least N, V]: row i predicts target i. Empty: nothing to compare with.
  HostTensor reference_logits = {};
};

/// Filled on device 0; the others have `total` and the times.
struct TeacherForcingResult {
  std::int64_t top1_hits = 0;
  std::int64_t top5_hits = 0;
  std::int64_t total = 0;
  std::vector<int> places;    ///< per scored token 1 to 5, or 0 when outside the five largest
  std::string logits_sha256;  ///< of the scored fp32 rows in order, little-endian
  HostTensor logits;          ///< [N, V] FLOAT32 when kept
  /// Correlation of all N * V scored logits with the reference's; nullopt without those, or without spread.
  std::optional<double> logits_pcc;
  double prompt_seconds = 0;
  double decode_seconds = 0;
  std::int64_t decode_steps = 0;  ///< calls after the prompt: N - 1
};

/// How often teacher_forcing calls the model: once for the prompt or once per prompt token, and N - 1 times
/// after it.
std::int64_t model_calls(std::size_t prompt, std::size_t targets, PromptPath path);

/// Feeds the prompt, then the reference tokens one by one (never the model's own choice), and scores at each
/// position the token that the reference put there. The last target is scored but not fed. No targets: total
/// 0. Throws Error when the reference's logits have another shape. Collective over the model's mesh.
TeacherForcingResult teacher_forcing(CausalLM& model, std::span<const std::int32_t> prompt,
                                     std::span<const std::int32_t> targets, const TeacherForcing& how = {});

}  // namespace ttx
