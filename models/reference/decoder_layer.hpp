// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/reference/decoder_settings.hpp"
#include "runtime/host_tensor.hpp"

namespace ttx::hf {
class Checkpoint;
}

namespace ttx::reference {

/// x W^T + b. The weight [out, in] stays in the mapped checkpoint.
struct LinearWeights {
  HostTensor weight;
  std::vector<float> bias;  ///< [out], or empty
};

/// The weights of one decoder layer and its KV cache. H hidden, D head_dim, I intermediate size.
struct DecoderLayer {
  std::vector<float> attention_norm, mlp_norm;              // [H] of what goes in
  std::vector<float> attention_added_norm, mlp_added_norm;  // [H] of what is added; empty: none
  std::vector<float> q_norm, k_norm;                        // [D]; empty: none
  LinearWeights q, k, v, o;                                 // [Nq*D, H], [Nkv*D, H] twice, [H, Nq*D]
  LinearWeights gate, up, down;                             // [I, H] (gate: or empty), [I, H], [H, I]
  std::vector<float> keys, values;                          // [positions, Nkv*D]
};

/// Reads a decoder's tensors and remembers those that are used in place.
class DecoderWeights {
 public:
  /// `checkpoint` must outlive this object, which gives the pages of its tensors back at the end.
  explicit DecoderWeights(const hf::Checkpoint& checkpoint) : checkpoint_(checkpoint) {}
  ~DecoderWeights();
  DecoderWeights(const DecoderWeights&) = delete;
  DecoderWeights& operator=(const DecoderWeights&) = delete;

  /// Each throws Error (kCheckpoint) when the tensor is missing or has another shape.
  HostTensor matrix(const std::string& name, std::int64_t rows, std::int64_t columns);
  std::vector<float> norm(const std::string& name, std::int64_t size, const DecoderSettings& settings) const;
  DecoderLayer layer(std::int64_t index, const DecoderSettings& settings);

 private:
  LinearWeights linear(const std::string& name, std::int64_t out, std::int64_t in, bool has_bias);

  const hf::Checkpoint& checkpoint_;
  std::vector<HostTensor> mapped_;
};

}  // namespace ttx::reference
