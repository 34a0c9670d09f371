// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/hf/tokenizer/json_node.hpp"

namespace ttx::hf {

/// The normalizer of a tokenizer file: NFC, NFD, NFKC, NFKD, or a Sequence of them.
///
/// The tokenizers library normalizes by Unicode 9.0 (its unicode-normalization-alignments crate): a character
/// that is younger neither decomposes, composes nor changes places. So does this class.
class Normalizer {
 public:
  /// Changes nothing, as "normalizer": null.
  Normalizer() = default;
  /// Throws ttx::Error (kCheckpoint) for any other type, by name.
  explicit Normalizer(const JsonNode& part);

  /// `text` must be well-formed UTF-8 of at most 1 GiB.
  std::string apply(std::string_view text) const;

 private:
  enum class Form { kNfc, kNfd, kNfkc, kNfkd };

  static std::string apply_form(Form form, std::string_view text);

  std::vector<Form> forms_;
};

}  // namespace ttx::hf
