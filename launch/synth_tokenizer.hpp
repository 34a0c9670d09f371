// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ttx::launch {

/// What a made-up tokenizer shall have in common with a real one.
struct SynthTokenizerPlan {
  static constexpr std::int64_t kBytes = 256;
  static constexpr const char* kUnk = "<unk>";          ///< in SentencePiece's form
  static constexpr const char* kMark = "\xE2\x96\x81";  ///< U+2581, a space there

  /// The normalizer, the pre-tokenizer, the decoder and the flags of these tokenizers. The first two are
  /// byte-level, the others of SentencePiece's form.
  enum class Form { kQwen, kLlama3, kMistral, kLlama2, kGemma };

  struct Added {
    std::int64_t id = 0;
    std::string content;
    bool special = true;
    bool rstrip = false;
  };

  Form form = Form::kQwen;
  std::int64_t tokens = 0;   ///< ids are 0 to tokens - 1
  std::vector<Added> added;  ///< by ascending id
  std::string bos;           ///< added tokens by their text; empty: tokenizer_config.json names none
  std::string eos;
  std::string pad;
  bool adds_bos = false;  ///< whether it stands in front of every encoded text

  /// Qwen's form; the last three ids are <|endoftext|>, <|im_start|> and <|im_end|>.
  static SynthTokenizerPlan of_size(std::int64_t vocab_size);

  bool is_sentencepiece() const { return form != Form::kQwen && form != Form::kLlama3; }
  /// Tokens that every tokenizer of this form has beside the added ones: the bytes, and in SentencePiece's
  /// form the mark and the letters.
  std::int64_t base_tokens() const;

  /// Throws Error (kCheckpoint) when the tokens are fewer than base and added tokens, or the plan contradicts
  /// itself.
  void check() const;
};

/// A BPE tokenizer: of the ids that no added token has, the first are the base tokens, the others merges of
/// made-up letter sequences. Every text can be encoded. The same plan always gives the same
/// tokenizer.
struct SynthTokenizer {
  std::string tokenizer_json;
  std::string tokenizer_config_json;

  /// Throws as SynthTokenizerPlan::check.
  static SynthTokenizer make(const SynthTokenizerPlan& plan);
};

}  // namespace ttx::launch
