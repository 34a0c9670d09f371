// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "launch/eval_options.hpp"
#include "runtime/host_tensor.hpp"

namespace ttx::hf {
class Checkpoint;
}

namespace ttx::launch {

/// What is fed and scored.
struct EvalInputs {
  std::vector<std::int32_t> prompt_ids;
  std::vector<std::int32_t> target_ids;  ///< the reference's greedy tokens
  std::vector<float> margins;     ///< reference top-1 minus top-2 logit per target; empty when not known
  std::vector<float> top_logits;  ///< reference top-1 logit per target; likewise
  std::vector<float> entropies;   ///< of the reference at each target, nat; likewise
  HostTensor logits = {};         ///< of the reference file, [at least N, V]; empty when it has none
};

/// The bring-up's KV cache.
struct CacheRoom {
  std::int64_t length = 0;
  std::string note;  ///< why it is that long; may be empty
};

/// Throws Error when two flags name a prompt file.
void check_prompt_source(const EvalOptions& options);

/// The ids of the prompt that the options name; `say` prints the documented line when the tokenizer is
/// loaded. Throws Error.
std::vector<std::int32_t> prompt_ids(const EvalOptions& options, const hf::Checkpoint& checkpoint,
                                     const std::function<void(std::string_view line)>& say);

/// Throws Error on a prompt without tokens (kLength), and on a token outside the vocabulary.
void check_prompt(const std::vector<std::int32_t>& prompt, std::int64_t vocab_size);

/// Rank 0's part before the mesh opens: the prompt's ids, the reference's tokens (from --reference, from the
/// token cache, or from the built-in fp32 model) and the length checks, against --max_seq_len and the length
/// of the bring-up's KV cache. `say` prints the documented line of each step. Throws Error.
EvalInputs gather_inputs(const EvalOptions& options, const hf::Checkpoint& checkpoint, const CacheRoom& cache,
                         const std::function<void(std::string_view line)>& say);

/// Of the reference's choices, the share that a rounding of its top logit could turn: margin <= four bfloat16
/// steps.
double near_tie_share(const EvalInputs& inputs);

}  // namespace ttx::launch
