// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "launch/synth_sizes.hpp"

namespace ttx::launch {

/// A tensor of a synthetic checkpoint: its name and shape in the file, mean and deviation of its values.
struct SynthTensor {
  std::string name;
  std::vector<std::uint64_t> shape;
  float mean = 0.0F;
  float deviation = 0.0F;
  std::string values_of;  ///< the tensor whose values it has, itself as a rule

  std::uint64_t elements() const;
};

/// Whether a checkpoint with tied embeddings stores an lm_head.weight all the same, a copy of the embedding.
enum class TiedHead { kLeftOut, kStored };

/// All tensors of a checkpoint, in the order in which transformers saves them.
///
/// Scales: a linear layer with K inputs has deviation 1/sqrt(K), so it keeps the size of normalised
/// activations; the two that write to the residual stream have 8/sqrt(2 * layers * K), so the stream ends
/// near 5; norm weights lie around 1; the output matrix has 2.5/sqrt(hidden), so logits spread by about 2.5.
/// A tied embedding has that size too: small beside what the layers add, or every token would predict itself.
/// Query and key norms lie around 1.3: sharper attention makes text that varies more, and a deep model that
/// amplifies rounding more (at 1.3, 28 layers of bfloat16 choose the token of fp32 at 98 % of positions;
/// at 1.7, at 79 %). Gemma's norms multiply by 1 + weight, and two of them set the size of what is added to
/// the stream, into which the embedding goes multiplied by sqrt(hidden): those lie around 4, the embedding
/// has 1.5/sqrt(hidden).
std::vector<SynthTensor> synth_tensors(const SynthSizes& sizes, TiedHead tied_head);

}  // namespace ttx::launch
