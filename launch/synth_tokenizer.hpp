// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace ttx::launch {

/// A byte-level BPE tokenizer of exactly `vocab_size` ids with the parts of Qwen's (NFC, its split pattern,
/// ByteLevel): ids 0 to 255 are the bytes, then merges of made-up letter sequences, and the last three are
/// the special tokens. Every text can be encoded. The same size always gives the same tokenizer.
struct SynthTokenizer {
  static constexpr std::int64_t kBytes = 256;
  static constexpr std::int64_t kSpecials = 3;
  static constexpr std::int64_t kLeastVocab = kBytes + kSpecials;

  std::int64_t end_of_text = 0;  ///< also begin of sequence and padding
  std::int64_t im_end = 0;       ///< end of sequence of chats

  std::string tokenizer_json;
  std::string tokenizer_config_json;

  /// Throws Error (kCheckpoint) when `vocab_size` is below kLeastVocab.
  static SynthTokenizer make(std::int64_t vocab_size);
};

}  // namespace ttx::launch
