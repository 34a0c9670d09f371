// SPDX-License-Identifier: Apache-2.0
#include "models/common/text_streamer.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/hf/tokenizer/tokenizer.hpp"

namespace ttx {
namespace {

/// Feeds `text` token by token after a prompt; gives the pieces written.
std::vector<std::string> pieces(const std::string& text,
                                TextStreamer::Prompt prompt = TextStreamer::Prompt::kSkip) {
  const auto tokenizer = hf::Tokenizer::load(std::string(TTX_FIXTURES) + "/tokenizers/tiny-qwen");
  std::vector<std::string> written;
  TextStreamer streamer(tokenizer, prompt, [&](std::string_view piece) { written.emplace_back(piece); });
  streamer.put(tokenizer.encode("the start ", hf::AddSpecialTokens::kNo));
  for (const std::int32_t id : tokenizer.encode(text, hf::AddSpecialTokens::kNo)) {
    streamer.put(std::span(&id, 1));
  }
  streamer.end();
  return written;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    text += part;
  }
  return text;
}

TEST(TextStreamer, WritesEverythingOnceAndEndsTheLine) {
  for (const std::string text :
       {"one two three", "a\nb\n", "naïve tables", "漢字 and かな", "🙂🙂", ""}) {
    EXPECT_EQ(joined(pieces(text)), text + "\n") << text;
  }
}

TEST(TextStreamer, HoldsAWordBackUntilItsSpace) {
  const auto written = pieces("one two three");
  ASSERT_GE(written.size(), 2U);
  for (std::size_t i = 0; i + 1 < written.size(); ++i) {
    EXPECT_EQ(written[i].back(), ' ') << written[i];
  }
}

TEST(TextStreamer, NeverWritesHalfACharacter) {
  for (const std::string& piece : pieces("漢字漢字 🙂 é")) {
    EXPECT_THAT(piece, testing::Not(testing::HasSubstr("\xEF\xBF\xBD")));
  }
}

TEST(TextStreamer, ALineIsCompleteAtItsNewline) {
  EXPECT_THAT(pieces("one\ntwo"), testing::Contains(testing::EndsWith("\n")));
}

TEST(TextStreamer, ShowsThePromptWhenAsked) {
  EXPECT_EQ(joined(pieces("end", TextStreamer::Prompt::kShow)), "the start end\n");
}

}  // namespace
}  // namespace ttx
