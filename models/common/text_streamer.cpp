// SPDX-License-Identifier: Apache-2.0
#include "models/common/text_streamer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <unicode/utf8.h>

#include "models/hf/tokenizer/tokenizer.hpp"

namespace ttx {

namespace {

/// Blocks of CJK ideographs that TextStreamer writes at once.
bool is_cjk_ideograph(UChar32 c) {
  constexpr std::pair<UChar32, UChar32> kBlocks[] = {
      {0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F},
      {0x2B740, 0x2B81F}, {0x2B820, 0x2CEAF}, {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};
  return std::any_of(std::begin(kBlocks), std::end(kBlocks),
                     [c](const auto& block) { return c >= block.first && c <= block.second; });
}

UChar32 last_code_point(std::string_view text) {
  auto at = static_cast<std::int32_t>(text.size());
  UChar32 c = 0;
  const char* const bytes = text.data();
  U8_PREV_OR_FFFD(bytes, 0, at, c);
  return c;
}

}  // namespace

TextStreamer::TextStreamer(const hf::Tokenizer& tokenizer, Prompt prompt,
                           std::function<void(std::string_view)> write)
    : tokenizer_(tokenizer), prompt_(prompt), write_(std::move(write)) {}

void TextStreamer::put(std::span<const std::int32_t> ids) {
  if (!std::exchange(prompt_seen_, true) && prompt_ == Prompt::kSkip) {
    return;
  }
  kept_.insert(kept_.end(), ids.begin(), ids.end());
  const std::string text = tokenizer_.decode(kept_, hf::SkipSpecialTokens::kYes);
  if (text.size() <= written_) {
    return;
  }
  if (text.back() == '\n') {
    write_(std::string_view(text).substr(written_));
    kept_.clear();
    written_ = 0;
    return;
  }
  std::size_t ready = text.size();
  if (!is_cjk_ideograph(last_code_point(text))) {
    const std::size_t space = text.rfind(' ');
    ready = space == std::string::npos ? 0 : space + 1;
  }
  if (ready > written_) {
    write_(std::string_view(text).substr(written_, ready - written_));
    written_ = ready;
  }
}

void TextStreamer::end() {
  const std::string text = tokenizer_.decode(kept_, hf::SkipSpecialTokens::kYes);
  std::string rest = text.size() > written_ ? text.substr(written_) : std::string();
  rest += '\n';
  write_(rest);
  kept_.clear();
  written_ = 0;
  prompt_seen_ = false;
}

}  // namespace ttx
