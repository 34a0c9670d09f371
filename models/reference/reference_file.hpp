// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "runtime/host_tensor.hpp"

namespace ttx::reference {

inline constexpr const char* kReferenceFormat = "ttx-reference";
inline constexpr const char* kReferenceVersion = "1";

/// A prompt, what the model makes of it greedily in fp32, and what it computed on the way. P prompt tokens, N
/// targets, V vocabulary rows, L layers, H hidden size.
struct Reference {
  std::vector<std::int32_t> prompt_ids;  ///< [P], P >= 1
  std::vector<std::int32_t> target_ids;  ///< [N]
  HostTensor logits;         ///< [N, V] FLOAT32: row i predicts target i, before any processor; may be empty
  HostTensor hidden_states;  ///< [L+1, P+N-1, H] FLOAT32, entry L after the final norm; may be empty
  /// format "ttx-reference", version "1", model, producer, dtype "float32", checkpoint_fingerprint.
  std::map<std::string, std::string> metadata;
};

/// Reads a safetensors file of that content: `prompt_ids` and `target_ids` I64 or I32, `logits` and
/// `hidden_states` F32 and optional; other tensors are passed over. The two large tensors are views that keep
/// the file mapped. Throws Error, naming the file: not such a file or another version, a tensor missing or of
/// another type or shape, an id negative or outside the vocabulary.
Reference read_reference(const std::filesystem::path& path);

/// Throws Error as read_reference does when the shapes or ids do not fit each other; `where` begins the
/// message.
void check(const Reference& reference, const std::string& where);

/// Writes the file whole or not at all; format and version are added to the metadata. Throws Error when the
/// content is not consistent or the file cannot be written.
void write_reference(const std::filesystem::path& path, const Reference& reference);

}  // namespace ttx::reference
