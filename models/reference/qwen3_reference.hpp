// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

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

/// Qwen3ForCausalLM in plain fp32, unsharded, one sequence, with its own fp32 KV cache: what transformers
/// computes with torch_dtype=float32. Weights stay in the mapped checkpoint and are widened block by block.
/// Runs on all cores of the host; the bits of a result depend on the calls, the model and the instruction
/// set, not on the number of cores. Source: transformers, models/qwen3/modeling_qwen3.py.
class Qwen3Reference {
 public:
  /// At most `max_positions` tokens; memory grows with those there are. `checkpoint` must outlive this
  /// object, which gives its pages back at the end. `threads` 0: one for each core. Throws Error
  /// (kCheckpoint) when the model is not a Qwen3 that is computed here, or a tensor is missing or has another
  /// shape.
  Qwen3Reference(const hf::Checkpoint& checkpoint, std::int64_t max_positions,
                 const Fp32Math& math = fp32_math(), int threads = 0);
  ~Qwen3Reference();
  Qwen3Reference(const Qwen3Reference&) = delete;
  Qwen3Reference& operator=(const Qwen3Reference&) = delete;

  /// Appends S tokens to the sequence and gives the logits of the last `keep` of them (1 <= keep <= S).
  /// hidden_states: entry 0 the embedding output, entry i the output of layer i, but entry L is taken after
  /// the final norm. Throws Error on no tokens, a token outside the vocabulary, or (kLength) too many
  /// positions.
  ForwardOutput forward(std::span<const std::int32_t> ids, std::int64_t keep = 1,
                        HiddenStates hidden_states = HiddenStates::kSkip);
  /// Starts a new sequence.
  void reset() { position_ = 0; }

  std::int64_t position() const { return position_; }
  std::int64_t vocab_size() const { return vocab_size_; }
  std::int64_t hidden_size() const { return hidden_size_; }
  std::int64_t layers() const { return static_cast<std::int64_t>(layers_.size()); }
  int threads() const { return math_.threads(); }
  const hf::Checkpoint& checkpoint() const { return checkpoint_; }

 private:
  struct Layer {
    std::vector<float> input_norm, post_norm;  // [H]
    std::vector<float> q_norm, k_norm;         // [D]
    HostTensor q, k, v, o;                     // [Nq*D, H], [Nkv*D, H] twice, [H, Nq*D]
    HostTensor gate, up, down;                 // [I, H] twice, [H, I]
    std::vector<float> keys, values;           // [positions, Nkv*D]
  };
  struct Activations;

  HostTensor matrix(const std::string& name, std::int64_t rows, std::int64_t columns);
  std::vector<float> vector(const std::string& name, std::int64_t size) const;
  Layer load_layer(std::int64_t index);
  void attention(Layer& layer, Activations& a);
  void mlp(const Layer& layer, Activations& a);

  const hf::Checkpoint& checkpoint_;
  ParallelMath math_;
  std::int64_t vocab_size_, hidden_size_, intermediate_size_, query_heads_, kv_heads_, head_dim_;
  float epsilon_;
  std::int64_t max_positions_;
  std::int64_t position_ = 0;
  RotaryAngles angles_;
  std::vector<HostTensor> mapped_;  // whose pages are given back
  HostTensor embed_tokens_;         // [V, H]
  std::vector<Layer> layers_;
  std::vector<float> norm_;  // [H]
  HostTensor lm_head_;       // [V, H]
};

}  // namespace ttx::reference
