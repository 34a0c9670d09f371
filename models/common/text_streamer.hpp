// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "models/common/generate.hpp"

namespace ttx::hf {
class Tokenizer;
}

namespace ttx {

/// Writes text as whole words as soon as they cannot change any more, by the rules of transformers'
/// TextStreamer: a line is complete at its newline, a CJK ideograph at once, other text up to its last space;
/// `end` writes the rest.
class TextStreamer final : public Streamer {
 public:
  enum class Prompt { kSkip, kShow };
  TextStreamer(const hf::Tokenizer& tokenizer, Prompt prompt, std::function<void(std::string_view)> write);

  void put(std::span<const std::int32_t> ids) override;
  void end() override;

 private:
  const hf::Tokenizer& tokenizer_;
  Prompt prompt_;
  std::function<void(std::string_view)> write_;
  bool prompt_seen_ = false;
  std::vector<std::int32_t> kept_;
  std::size_t written_ = 0;  // bytes of the decoded `kept_` that are out
};

}  // namespace ttx
