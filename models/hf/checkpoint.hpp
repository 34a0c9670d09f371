// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "models/hf/config.hpp"
#include "models/hf/generation_config.hpp"
#include "runtime/host_tensor.hpp"

namespace ttx::hf {

/// A Hugging Face model folder: config, generation config, and tensors by name, mapped from safetensors
/// files. Copies share everything. Safe to use from several threads.
///
/// The language model of a multimodal checkpoint may be asked for under the names of a plain one:
/// `model.norm.weight` finds `language_model.model.norm.weight` or `model.language_model.norm.weight`,
/// whichever the files have, and `lm_head.weight` finds `language_model.lm_head.weight`.
class Checkpoint {
 public:
  /// Throws Error (kCheckpoint): see Config::read, GenerationConfig::read and WeightFiles::open; (kUsage):
  /// see Config::choose.
  static Checkpoint open(const std::filesystem::path& folder, YarnFactor yarn_factor = YarnFactor::kFile);

  const std::filesystem::path& folder() const;
  const Config& config() const;
  const GenerationConfig& generation_config() const;

  /// As in the files, in the order of names.
  std::vector<std::string> names() const;
  bool has(const std::string& name) const;
  /// A view into the file, BFLOAT16, FLOAT16 or FLOAT32, which counts as used. Throws Error (kCheckpoint)
  /// naming the file and both shapes when it is missing, of another shape, or of another type.
  HostTensor tensor(const std::string& name, const Shape& expected) const;
  /// Gives the mapped pages of a tensor of this checkpoint back; the tensor stays readable.
  void release(const HostTensor& tensor) const;

  /// `model.embed_tokens.weight`.
  std::string embedding_name() const;
  /// The matrix that makes logits: `model.embed_tokens.weight` when the config ties the two, even if the
  /// files store an `lm_head.weight` of their own (transformers drops it), else `lm_head.weight`.
  std::string output_embedding_name() const;

  /// Whether a tied checkpoint stores an `lm_head.weight` that is not the embedding: transformers 4 drops it,
  /// as is done here, transformers 5 would use it. Compares blocks spread over both, not every byte.
  bool stored_head_differs() const;

  /// Tensors that nothing asked for so far, except those that are rightly left out: a tied `lm_head.weight`,
  /// the rotary frequencies that old checkpoints store, and the vision model of a multimodal checkpoint with
  /// its projector.
  std::vector<std::string> unused() const;
  /// Throws Error (kCheckpoint) when there are unused tensors: the model would not be the one that was
  /// trained.
  void check_all_used() const;

  /// Bytes of all tensors in the files.
  std::uint64_t weight_bytes() const;
  /// SHA-256 over config.json, generation_config.json, and per weight file its name, size, time, header and
  /// 64 blocks of 4 KiB spread over it: changes when the checkpoint does, without reading it whole. A yarn
  /// factor by length ratio is named behind it: that is another model.
  std::string fingerprint() const;

 private:
  struct State;
  explicit Checkpoint(std::shared_ptr<State> state);
  /// The name in the files.
  std::string resolve(const std::string& name) const;
  std::shared_ptr<State> state_;
};

}  // namespace ttx::hf
