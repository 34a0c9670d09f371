// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "models/reference/decoder_layer.hpp"
#include "models/reference/decoder_settings.hpp"
#include "models/reference/parallel_math.hpp"
#include "models/reference/rotary_angles.hpp"
#include "runtime/host_tensor.hpp"

namespace ttx::hf {
class Checkpoint;
}

namespace ttx::reference {

/// What a call of forward gives.
struct ForwardOutput {
  std::vector<float> logits;         ///< [kept rows, V]
  std::vector<float> hidden_states;  ///< [L+1, S, H], or empty
};

enum class HiddenStates { kSkip, kKeep };

/// A causal language model of any type that hf::Config knows, in plain fp32, unsharded, one sequence, with
/// its own fp32 KV cache: what generate() of transformers computes with dtype=float32. Weights stay in the
/// mapped checkpoint and are widened block by block. Runs on all cores of the host; the bits of a result
/// depend on the calls, the model and the instruction set, not on the number of cores.
class DecoderReference {
 public:
  /// At most `max_positions` tokens; memory grows with those there are. `checkpoint` must outlive this
  /// object, which gives its pages back at the end. `threads` 0: one for each core. Throws Error
  /// (kCheckpoint) when the config asks for what is not computed here, a tensor is missing or has another
  /// shape, or one is left over.
  DecoderReference(const hf::Checkpoint& checkpoint, std::int64_t max_positions,
                   const Fp32Math& math = fp32_math(), int threads = 0);

  /// Appends S tokens to the sequence and gives the logits of the last `keep` of them (1 <= keep <= S).
  /// hidden_states: entry 0 the embedding output, entry i the output of layer i, but entry L is taken after
  /// the final norm. Throws Error on no tokens, a token outside the vocabulary, or (kLength) too many
  /// positions.
  ForwardOutput forward(std::span<const std::int32_t> ids, std::int64_t keep = 1,
                        HiddenStates hidden_states = HiddenStates::kSkip);
  /// Starts a new sequence.
  void reset() { sequence_.clear(); }

  std::int64_t position() const { return static_cast<std::int64_t>(sequence_.size()); }
  std::int64_t vocab_size() const { return settings_.vocab_size; }
  std::int64_t hidden_size() const { return settings_.hidden_size; }
  std::int64_t layers() const { return static_cast<std::int64_t>(layers_.size()); }
  int threads() const { return math_.threads(); }
  const hf::Checkpoint& checkpoint() const { return checkpoint_; }

 private:
  struct Activations;
  struct Step {
    const LinearWeights& weights;
    float* out;
  };

  void check(std::span<const std::int32_t> ids, std::int64_t keep) const;
  /// Computes the sequence from position `start` on; logits of the last `keep` tokens, hidden states of the
  /// last `shown`.
  ForwardOutput compute(std::int64_t start, std::int64_t keep, std::int64_t shown);
  void linear(const float* x, std::int64_t rows, std::initializer_list<Step> steps);
  void attention(std::size_t index, Activations& a);
  void norm_and_rotate(std::size_t index, Activations& a, float* new_keys);
  void mlp(const DecoderLayer& layer, Activations& a);
  void add_to_stream(Activations& a, const std::vector<float>& norm);

  const hf::Checkpoint& checkpoint_;
  DecoderSettings settings_;
  ParallelMath math_;
  std::int64_t max_positions_;
  std::vector<std::int32_t> sequence_;
  RotaryAngles angles_, local_angles_;
  DecoderWeights weights_;
  HostTensor embed_tokens_;  // [V, H]
  std::vector<DecoderLayer> layers_;
  std::vector<float> norm_;  // [H]
  HostTensor lm_head_;       // [V, H]
};

}  // namespace ttx::reference
