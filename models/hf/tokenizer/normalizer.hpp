// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/hf/tokenizer/json_node.hpp"

namespace ttx::hf {

/// The normalizer of a tokenizer file: NFC, NFD, NFKC, NFKD, Prepend, Replace, Strip, or a Sequence of them.
/// Const use from several threads is safe.
class Normalizer {
 public:
  /// One step of a sequence.
  class Step {
   public:
    virtual ~Step() = default;
    virtual std::string apply(std::string_view text) const = 0;
  };

  /// Changes nothing, as "normalizer": null.
  Normalizer() = default;
  /// Throws ttx::Error (kCheckpoint) for any other type, by name.
  explicit Normalizer(const JsonNode& part);

  /// `text` must be well-formed UTF-8 of at most 1 GiB.
  std::string apply(std::string_view text) const;

 private:
  std::vector<std::unique_ptr<const Step>> steps_;
};

}  // namespace ttx::hf
