// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "runtime/host_tensor.hpp"

namespace ttx {

class MeshDevice;
class Weights;

/// What has been written to the KV caches: they belong to the model, this says how far they are filled.
struct PastKeyValues {
  std::int64_t seq_len = 0;
};

/// As in transformers: 0 keeps the logits of all positions, n those of the last n.
struct LogitsToKeep {
  std::int64_t count = 0;
};

struct CausalLMOutputWithPast {
  HostTensor logits;  ///< [1, S or kept, V] FLOAT32 (widened BFLOAT16) on device 0, empty on the others
  PastKeyValues past_key_values;
};

/// A model brought up on a mesh. SPMD: every device calls forward with the same arguments.
class CausalLM {
 public:
  virtual ~CausalLM();
  CausalLM(const CausalLM&) = delete;
  CausalLM& operator=(const CausalLM&) = delete;

  /// Brings all weights onto the mesh; once, before the first forward.
  virtual void load(const Weights& weights) = 0;

  /// One user's tokens. Without `past` the sequence starts over at position 0 (caches are not cleared: stale
  /// rows lie beyond the position and are never read). With `past` exactly one token is accepted. A single
  /// token takes the decode path, more take prefill, a long prompt in chunks of prefill_chunk() tokens, so
  /// that activations take no more memory than a chunk's; the logits are the same bits either way (with
  /// Numerics::kExact). A device that works as the hardware does, in its numbers or its limits, takes a
  /// prompt whole. Throws Error, on every device alike, on no tokens, on a token outside the vocabulary, and
  /// (ExitCode::kLength) beyond the cache.
  CausalLMOutputWithPast forward(std::span<const std::int32_t> input_ids, const PastKeyValues* past = nullptr,
                                 LogitsToKeep keep = {});

  MeshDevice& mesh() const { return *mesh_; }
  std::int64_t vocab_size() const { return vocab_size_; }
  std::int64_t cache_length() const { return cache_length_; }
  std::int64_t prefill_chunk() const { return prefill_chunk_; }
  /// At least 1.
  void set_prefill_chunk(std::int64_t tokens);
  /// How the heads are dealt to the devices, in words.
  virtual std::string heads_text() const = 0;
  /// Why the cache is as long as it is, where that needs a word; empty otherwise.
  virtual std::string cache_note() const { return {}; }

 protected:
  /// `mesh` is null where a load is only rehearsed (models/common/weights.hpp).
  CausalLM(MeshDevice* mesh, std::int64_t vocab_size, std::int64_t cache_length);

  /// The forward pass: S ids at positions start, start+1, ... to the logits of the last `keep` of them,
  /// gathered on device 0 as [1, 1, kept, V]; with 0 only the caches are filled. Several ids at once that do
  /// not start at 0 are a further chunk of a long prompt.
  virtual HostTensor logits(std::span<const std::int32_t> ids, std::int64_t start, std::int64_t keep) = 0;

 private:
  /// The calls of `logits` for a prompt.
  HostTensor in_chunks(std::span<const std::int32_t> ids, std::int64_t start, std::int64_t keep);

  MeshDevice* mesh_;
  std::int64_t vocab_size_;
  std::int64_t cache_length_;
  std::int64_t prefill_chunk_ = 512;  // enough rows for linears to run at full speed
};

}  // namespace ttx
