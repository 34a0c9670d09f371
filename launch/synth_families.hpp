// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ttx::launch {

/// Sizes that shapes of tensors are made of.
enum class Size { kHidden, kHead, kQuery, kKeyValue, kQueryKeyValue, kIntermediate, kGateAndUp };

/// What a module does, which decides the size of its values: kHeadNorm normalises queries and keys,
/// kAddedNorm what is added to the residual stream, kLinearToStream writes to that stream.
enum class Role { kNorm, kHeadNorm, kAddedNorm, kLinear, kLinearToStream };

/// Whether a linear layer has a bias: attention_bias and mlp_bias of the config decide in the last two cases.
enum class Bias { kNone, kAlways, kAttention, kMlp };

/// One module of a layer. A norm has one size, a linear layer [out, in].
struct SynthRule {
  std::string_view name;
  Role role;
  Size out;
  Size in = Size::kHidden;
  Bias bias = Bias::kNone;
};

/// What the checkpoints of one model type have in common.
struct SynthFamily {
  std::string_view model_type;       ///< of the language model
  std::string_view architecture;     ///< the class that transformers opens such a checkpoint with
  std::span<const SynthRule> layer;  ///< in the order in which transformers saves them
  std::string_view prefix = "model.";
  bool norms_add_one = false;  ///< norms multiply by 1 + weight
  // Of a larger model around the language model, where there is one.
  std::string_view multimodal_architecture = {};
  std::string_view multimodal_prefix = {};
};

std::span<const SynthFamily> synth_families();

}  // namespace ttx::launch
