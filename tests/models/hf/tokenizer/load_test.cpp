// SPDX-License-Identifier: Apache-2.0
// What load refuses, and the sentence it says.
#include <string>

#include <gtest/gtest.h>

#include "tests/models/hf/tokenizer/tokenizer_files.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::hf {
namespace {

using nlohmann::json;
using test::ascii_tokenizer;
using ttx::test::expect_error;

void refuses(const json& file, std::initializer_list<std::string_view> texts) {
  SCOPED_TRACE(file.dump().substr(0, 200));
  expect_error(ExitCode::kCheckpoint, {"[tokenizer] ", "tokenizer.json"}, [&] { test::load(file); });
  expect_error(ExitCode::kCheckpoint, texts, [&] { test::load(file); });
}

json with_model(const char* key, const json& value) {
  json file = ascii_tokenizer();
  file["model"][key] = value;
  return file;
}

json with_part(const char* part, const json& value) {
  json file = ascii_tokenizer();
  file[part] = value;
  return file;
}

json without(const char* key) {
  json file = ascii_tokenizer();
  file.erase(key);
  return file;
}

TEST(LoadTokenizer, RefusesAMissingFile) {
  const ttx::test::TempDir folder;
  expect_error(ExitCode::kCheckpoint,
               {"[tokenizer] a file cannot be opened", (folder / "tokenizer.json").string()},
               [&] { Tokenizer::load(folder.path()); });
}

TEST(LoadTokenizer, RefusesLinksToNowhere) {
  const ttx::test::TempDir folder;
  const auto refuses_link = [&](const std::string& name) {
    std::filesystem::create_symlink("../blobs/gone", folder / name);
    expect_error(ExitCode::kCheckpoint, {name + " is a link to ../blobs/gone, which does not exist"},
                 [&] { Tokenizer::load(folder.path()); });
    std::filesystem::remove(folder / name);
  };
  refuses_link("tokenizer.json");
  folder.write("tokenizer.json", ascii_tokenizer().dump());
  refuses_link("tokenizer_config.json");
  EXPECT_EQ(test::encode(Tokenizer::load(folder.path()), "a"), std::vector<std::int32_t>{'a'});
}

TEST(LoadTokenizer, RefusesWhatIsNoJson) {
  const auto refuses_text = [](std::string_view text, std::string_view message) {
    const ttx::test::TempDir folder;
    folder.write("tokenizer.json", text);
    expect_error(ExitCode::kCheckpoint, {"[tokenizer] ", "tokenizer.json", message},
                 [&] { Tokenizer::load(folder.path()); });
  };
  const std::string whole = ascii_tokenizer().dump();
  refuses_text(whole.substr(0, whole.size() / 2), "is not valid JSON");
  refuses_text(whole.substr(0, whole.size() - 1), "is not valid JSON");
  refuses_text(whole + "}", "is not valid JSON");
  refuses_text("{\"version\": \"\xFF\"}", "is not valid JSON");
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  refuses_text(nested(100), "got an array, expected an object");
  refuses_text(nested(101), "got more than 100 levels");
  refuses_text(std::string(1000000, '['), "got more than 100 levels");
  refuses_text("", "cannot be read");
  refuses_text("[]", "got an array, expected an object");
}

TEST(LoadTokenizer, KeepsTheLastOfTwoEqualKeys) {
  // As the tokenizers library does.
  std::string text = ascii_tokenizer().dump();
  const std::string entry = "\"a\":" + ascii_tokenizer()["model"]["vocab"]["a"].dump();
  const auto at = text.find(entry);
  ASSERT_NE(at, std::string::npos);
  text.insert(at, "\"a\":1000000,");
  const ttx::test::TempDir folder;
  folder.write("tokenizer.json", text);
  EXPECT_EQ(Tokenizer::load(folder.path()).token_to_id("a"), test::load(ascii_tokenizer()).token_to_id("a"));
}

TEST(LoadTokenizer, RefusesAFolderInPlaceOfTheFile) {
  const ttx::test::TempDir folder;
  std::filesystem::create_directory(folder / "tokenizer.json");
  expect_error(ExitCode::kCheckpoint, {"[tokenizer] ", "tokenizer.json cannot be read"},
               [&] { Tokenizer::load(folder.path()); });
}

TEST(LoadTokenizer, RefusesAnotherVersion) {
  refuses(without("version"), {"key \"version\" is missing"});
  refuses(with_part("version", "2.0"), {"got \"2.0\" at version in", "expected \"1.0\""});
  refuses(with_part("version", 1.0), {"got 1.0, expected a string"});
}

TEST(LoadTokenizer, RefusesOtherModels) {
  refuses(without("model"), {"key \"model\" is missing"});
  refuses(with_part("model", nullptr), {"got null, expected an object"});
  for (const char* type : {"Unigram", "WordPiece", "WordLevel"}) {
    refuses(with_model("type", type),
            {std::string("model type \"") + type + "\" is not supported", "expected BPE"});
  }
}

TEST(LoadTokenizer, RefusesModelOptionsByName) {
  refuses(with_model("dropout", 0.1), {"dropout is not supported", "model.dropout in", "expected null"});
  refuses(with_model("unk_token", 5), {"model.unk_token in", "got 5, expected a string"});
  refuses(with_model("continuing_subword_prefix", "##"), {"continuing_subword_prefix is not supported"});
  refuses(with_model("end_of_word_suffix", "</w>"), {"end_of_word_suffix is not supported"});
  refuses(with_model("byte_fallback", "yes"), {"got \"yes\", expected true or false"});
  refuses(with_model("ignore_merges", 1), {"model.ignore_merges in", "got 1, expected true or false"});
}

TEST(LoadTokenizer, TakesModelOptionsThatChangeNothing) {
  json file = ascii_tokenizer();
  for (const char* key : {"dropout", "unk_token", "ignore_merges"}) {
    file["model"][key] = nullptr;
  }
  file["model"]["continuing_subword_prefix"] = "";
  file["model"]["end_of_word_suffix"] = "";
  file["model"]["byte_fallback"] = false;
  file["model"]["fuse_unk"] = true;
  file["unknown part"] = 5;
  EXPECT_EQ(test::encode(test::load(file), "a"), std::vector<std::int32_t>{'a'});
}

TEST(LoadTokenizer, RefusesADamagedVocabulary) {
  json file = ascii_tokenizer();
  file["model"].erase("vocab");
  refuses(file, {"key \"vocab\" is missing", "model in"});
  refuses(with_model("vocab", json::array()), {"got an array, expected an object of tokens and ids"});
  refuses(with_model("vocab", {{"a", 0}, {"b", -1}}), {"the id of token \"b\" is wrong", "got -1"});
  refuses(with_model("vocab", {{"a", 0}, {"b", 1.5}}), {"got 1.5"});
  refuses(with_model("vocab", {{"a", 0}, {"b", "1"}}), {"got \"1\""});
  refuses(with_model("vocab", {{"a", 0}, {"b", json::array()}}), {"got array"});
  refuses(with_model("vocab", {{"a", 0}, {"b", 4294967295U}}),
          {"got 4294967295, expected an integer below 16777216"});
  refuses(with_model("vocab", {{"a", 7}, {"b", 7}}), {"two tokens have one id", "\"a\" and \"b\" with id 7"});
}

TEST(LoadTokenizer, RefusesDamagedMerges) {
  json file = ascii_tokenizer();
  file["model"].erase("merges");
  refuses(file, {"key \"merges\" is missing"});
  refuses(with_model("merges", 3), {"got 3, expected an array of merges"});
  for (const char* line : {"ab", "a b c", "a  b", ""}) {
    refuses(with_model("merges", json::array({line})), {"entry 0 of model.merges in", "is no merge", line});
  }
  refuses(with_model("merges", json::array({json::array({"a"})})),
          {"entry 0", "is no merge: got something else"});
  refuses(with_model("merges", json::array({json::array({"a", "b", "c"})})), {"is no merge"});
  refuses(with_model("merges", json::array({json::array({"a", 5})})), {"is no merge"});
  refuses(with_model("merges", json::array({7})), {"is no merge"});
}

TEST(LoadTokenizer, RefusesMergesOfUnknownTokens) {
  json file = ascii_tokenizer({"a b"});
  file["model"]["merges"].push_back("ab q1");
  refuses(file,
          {"entry 1 of model.merges in", "needs token \"q1\"", "vocabulary and merges are not of one file"});
  file["model"]["merges"][1] = "ax b";
  refuses(file, {"needs token \"ax\""});
  file["model"]["merges"][1] = "ab c";
  refuses(file, {"needs token \"abc\""});  // the joined one
}

TEST(LoadTokenizer, RefusesOtherPartsByName) {
  const std::pair<const char*, const char*> parts[] = {{"normalizer", "Lowercase"},
                                                       {"pre_tokenizer", "BertPreTokenizer"},
                                                       {"post_processor", "RobertaProcessing"},
                                                       {"decoder", "CTC"}};
  for (const auto& [part, type] : parts) {
    refuses(with_part(part, {{"type", type}}),
            {std::string(part) + " type \"" + type + "\" is not supported: got it at " + part + " in"});
    refuses(with_part(part, {{"kind", type}}), {"key \"type\" is missing"});
    refuses(with_part(part, "NFC"), {"got \"NFC\", expected an object"});
  }
  const json nested = {{"type", "Sequence"}, {"decoders", json::array({{{"type", "WordPiece"}}})}};
  refuses(with_part("decoder", nested),
          {"decoder type \"WordPiece\" is not supported: got it at decoder.decoders[0] in"});
}

TEST(LoadTokenizer, RefusesAddedTokensThatAreNoList) {
  refuses(with_part("added_tokens", {{"a", 1}}), {"added_tokens in", "got an object, expected an array"});
  refuses(with_part("added_tokens", json::array({5})), {"added_tokens[0] in", "got 5, expected an object"});
}

TEST(LoadTokenizer, CutsLongValuesInMessages) {
  const std::string text(1000, 'x');
  expect_error(ExitCode::kCheckpoint, {"xxx..., expected an array"},
               [&] { test::load(with_part("added_tokens", text)); });
}

}  // namespace
}  // namespace ttx::hf
