// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/bpe.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/hf/tokenizer/tokenizer_files.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::hf {
namespace {

using Ids = std::vector<std::int32_t>;
using Merges = std::vector<std::pair<std::string, std::string>>;

Bpe make_bpe(const nlohmann::json& model) { return Bpe(JsonNode(model, "tokenizer.json")); }

Ids encode(const Bpe& bpe, std::string_view piece) {
  Ids ids;
  Bpe::Workspace workspace;
  bpe.encode(piece, workspace, ids);
  return ids;
}

/// The definition: again and again the merge of lowest rank, at its leftmost place.
std::vector<std::string> merge_slowly(const std::string& piece, const Merges& merges) {
  std::vector<std::string> parts;
  for (const char c : piece) {
    parts.emplace_back(1, c);
  }
  for (bool merged = true; merged;) {
    merged = false;
    for (const auto& [left, right] : merges) {
      for (std::size_t i = 0; i + 1 < parts.size() && !merged; ++i) {
        if (parts[i] == left && parts[i + 1] == right) {
          parts[i] += right;
          parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1);
          merged = true;
        }
      }
      if (merged) {
        break;
      }
    }
  }
  return parts;
}

TEST(Bpe, MergesAsTheDefinitionSays) {
  std::mt19937 random(5);
  const auto draw = [&random](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  for (int round = 0; round < 60; ++round) {
    std::vector<std::string> tokens = {"a", "b", "c"};
    nlohmann::json vocab = {{"a", 0}, {"b", 1}, {"c", 2}};
    Merges merges;
    while (merges.size() < 1 + draw(25)) {
      const std::string left = tokens[draw(tokens.size())];
      const std::string right = tokens[draw(tokens.size())];
      if (std::find(merges.begin(), merges.end(), std::pair(left, right)) != merges.end()) {
        break;
      }
      merges.emplace_back(left, right);
      if (!vocab.contains(left + right)) {  // several pairs may make one token
        vocab[left + right] = tokens.size();
        tokens.push_back(left + right);
      }
    }
    std::shuffle(merges.begin(), merges.end(), random);
    const Bpe bpe = make_bpe({{"type", "BPE"}, {"vocab", vocab}, {"merges", merges}});
    for (int i = 0; i < 40; ++i) {
      std::string piece;
      for (std::size_t n = draw(30); piece.size() < n;) {
        piece += "abc"[draw(3)];
      }
      std::vector<std::string> found;
      for (const std::int32_t id : encode(bpe, piece)) {
        found.push_back(*bpe.vocabulary().token(id));
      }
      EXPECT_EQ(found, merge_slowly(piece, merges)) << piece;
    }
  }
}

TEST(Bpe, ReadsMergesInBothSpellings) {
  const nlohmann::json vocab = {{"a", 0}, {" ", 1}, {"a ", 2}, {"aa", 3}};
  const Bpe pairs = make_bpe({{"type", "BPE"}, {"vocab", vocab}, {"merges", Merges{{"a", " "}, {"a", "a"}}}});
  EXPECT_EQ(encode(pairs, "aa "), (Ids{0, 2}));
  const Bpe lines = make_bpe(
      {{"type", "BPE"}, {"vocab", vocab}, {"merges", nlohmann::json::array({"#version: 0.2", "a a"})}});
  EXPECT_EQ(encode(lines, "aa "), (Ids{3, 1}));
}

TEST(Bpe, ReadsFilesWithoutType) {
  EXPECT_EQ(encode(make_bpe({{"vocab", {{"a", 7}}}, {"merges", nlohmann::json::array()}}), "aa"),
            (Ids{7, 7}));
}

TEST(Bpe, LetsTheLaterOfTwoEqualMergesWin) {
  const nlohmann::json vocab = {{"a", 0}, {"b", 1}, {"ab", 2}, {"ba", 3}};
  const Bpe bpe =
      make_bpe({{"type", "BPE"}, {"vocab", vocab}, {"merges", nlohmann::json::array({"a b", "b a", "a b"})}});
  EXPECT_EQ(encode(bpe, "aba"), (Ids{0, 3}));
}

TEST(Bpe, TakesWholePiecesOnlyWithIgnoreMerges) {
  nlohmann::json model = {
      {"type", "BPE"}, {"vocab", {{"a", 0}, {"b", 1}, {"ab", 2}}}, {"merges", nlohmann::json::array()}};
  EXPECT_EQ(encode(make_bpe(model), "ab"), (Ids{0, 1}));
  model["ignore_merges"] = true;
  EXPECT_EQ(encode(make_bpe(model), "ab"), (Ids{2}));
  EXPECT_EQ(encode(make_bpe(model), "aba"), (Ids{0, 1, 0}));
}

TEST(Bpe, DropsCharactersThatAreNoTokens) {
  const Bpe bpe = make_bpe({{"type", "BPE"},
                            {"vocab", {{"a", 0}, {"b", 1}, {"ab", 2}, {"\u4f60", 3}}},
                            {"merges", nlohmann::json::array({"a b"})}});
  EXPECT_EQ(encode(bpe, "axb\u4f60\u597d"), (Ids{2, 3}));  // what is left merges across the gap
  EXPECT_EQ(encode(bpe, "xyz"), Ids{});
  EXPECT_EQ(encode(bpe, ""), Ids{});
}

TEST(Bpe, TakesBytesThenTheUnkTokenForOtherCharacters) {
  nlohmann::json model = {
      {"type", "BPE"},
      {"vocab", {{"a", 0}, {"<unk>", 1}, {"<0xC3>", 2}, {"<0xA9>", 3}, {"aa", 4}, {"<0xE4>", 5}}},
      {"merges", nlohmann::json::array({"a a"})},
      {"unk_token", "<unk>"}};
  EXPECT_EQ(encode(make_bpe(model), "xya\u00e9"), (Ids{1, 1, 0, 1}));
  model["fuse_unk"] = true;
  EXPECT_EQ(encode(make_bpe(model), "xya\u00e9"), (Ids{1, 0, 1}));
  model["byte_fallback"] = true;
  EXPECT_EQ(encode(make_bpe(model), "xya\u00e9"), (Ids{1, 0, 2, 3}));
  EXPECT_EQ(encode(make_bpe(model), "\u4f60"), Ids{1});               // one of its bytes has no token
  EXPECT_EQ(encode(make_bpe(model), "x\u00e9a"), (Ids{2, 3, 1, 0}));  // the library's order
  model["unk_token"] = nullptr;
  EXPECT_EQ(encode(make_bpe(model), "axa\u00e9"), (Ids{4, 2, 3}));
}

TEST(Bpe, MergesTheUnkTokenAsAnyOther) {
  const Bpe bpe = make_bpe({{"type", "BPE"},
                            {"vocab", {{"a", 0}, {"u", 1}, {"ua", 2}}},
                            {"merges", nlohmann::json::array({"u a"})},
                            {"unk_token", "u"}});
  EXPECT_EQ(encode(bpe, "xa"), Ids{2});
}

TEST(Bpe, NamesAnUnkTokenThatIsNoToken) {
  const Bpe bpe = make_bpe(
      {{"type", "BPE"}, {"vocab", {{"a", 0}}}, {"merges", nlohmann::json::array()}, {"unk_token", "<unk>"}});
  EXPECT_EQ(encode(bpe, "aa"), (Ids{0, 0}));
  ttx::test::expect_error(ExitCode::kCheckpoint, {"[tokenizer] ", "unk_token \"<unk>\""},
                          [&] { encode(bpe, "ab"); });
}

/// A megabyte in one piece. Each merge offers at most two new pairs, and there is one merge less than
/// characters; a heap takes a logarithm of that for each.
TEST(Bpe, ConsidersAFewPairsPerCharacterHoweverLongThePiece) {
  const Bpe bpe =
      make_bpe({{"type", "BPE"},
                {"vocab", {{"a", 0}, {"b", 1}, {"ab", 2}, {"aa", 3}, {"aaaa", 4}, {"abab", 5}, {"bb", 6}}},
                {"merges", nlohmann::json::array({"a a", "aa aa", "a b", "ab ab", "b b"})}});
  constexpr std::size_t kSize = 1 << 20;
  std::mt19937 random(9);
  std::string mixed;
  for (std::size_t i = 0; i < kSize; ++i) {
    mixed += random() % 2 == 0 ? 'a' : 'b';
  }
  for (const std::string& piece : {std::string(kSize, 'a'), mixed}) {
    Bpe::Workspace workspace;
    Ids ids;
    bpe.encode(piece, workspace, ids);
    EXPECT_LE(workspace.candidates(), 3 * kSize);
    EXPECT_LT(ids.size(), kSize);
  }
}

TEST(Vocabulary, KnowsTokensAndHoles) {
  const nlohmann::json vocab = {{"a", 0}, {"b", 5}, {"", 2}};
  const Vocabulary vocabulary(JsonNode(vocab, "tokenizer.json"));
  EXPECT_EQ(vocabulary.size(), 3);
  EXPECT_EQ(vocabulary.id("b"), 5);
  EXPECT_FALSE(vocabulary.id("c"));
  EXPECT_EQ(*vocabulary.token(2), "");
  for (const std::int32_t id : {-1, 1, 6, std::numeric_limits<std::int32_t>::max()}) {
    EXPECT_EQ(vocabulary.token(id), nullptr) << id;
  }
}

TEST(MergeTable, HoldsWhatWasSet) {
  constexpr std::int32_t kIds = 300;
  MergeTable table(kIds * 3);
  std::map<std::pair<std::int32_t, std::int32_t>, std::int32_t> expected;
  std::mt19937 random(3);
  for (int i = 0; i < kIds * 3; ++i) {
    const auto left = static_cast<std::int32_t>(random() % kIds);
    const auto right = static_cast<std::int32_t>(random() % kIds);
    table.set(left, right, {static_cast<std::uint32_t>(i), i});
    expected[{left, right}] = i;
  }
  for (std::int32_t left = 0; left < kIds; ++left) {
    for (std::int32_t right = 0; right < kIds; ++right) {
      const auto known = expected.find({left, right});
      const Merge* merge = table.find(left, right);
      ASSERT_EQ(merge != nullptr, known != expected.end());
      if (merge != nullptr) {
        ASSERT_EQ(merge->result, known->second);
      }
    }
  }
  EXPECT_EQ(MergeTable(0).find(0, 0), nullptr);
}

}  // namespace
}  // namespace ttx::hf
