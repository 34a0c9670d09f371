// SPDX-License-Identifier: Apache-2.0
//
// Starts ttx-tokenize in pipes, as its users do.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/hf/tokenizer/tokenizer.hpp"
#include "tests/support/run_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kLlama = TTX_FIXTURES "/tokenizers/tiny-llama";  // puts <|begin_of_text|> in front
const std::string kQwen = TTX_FIXTURES "/tokenizers/tiny-qwen";

test::CommandResult tokenize(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), test::program("ttx-tokenize"));
  return test::run({.arguments = std::move(arguments), .environment = {}, .folder = {}});
}

/// A shell command in which $T is the program with its model, in `folder`.
test::CommandResult shell(const std::string& command, const fs::path& folder,
                          const std::string& model = kLlama) {
  return test::run(
      {.arguments = {"/bin/sh", "-c",
                     "T='" + test::program("ttx-tokenize") + " --model " + model + "'; " + command},
       .environment = {},
       .folder = folder.string()});
}

std::vector<std::int32_t> ids_of(const std::string& text, const std::string& model,
                                 hf::AddSpecialTokens add = hf::AddSpecialTokens::kYes) {
  return hf::Tokenizer::load(model).encode(text, add);
}

TEST(TtxTokenize, EncodesStandardInputToALineOfIds) {
  const test::TempDir dir;
  const auto result = shell("printf 'the tent\\n' | $T", dir.path());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  const auto ids = ids_of("the tent\n", kLlama);
  ASSERT_EQ(ids.front(), 2395);
  EXPECT_EQ(result.out, fmt::format("{}\n", fmt::join(ids, " ")));
  const auto plain = shell("printf 'the tent\\n' | $T --encode --no_special_tokens -", dir.path());
  EXPECT_EQ(plain.out, result.out.substr(std::string("2395 ").size()));
  EXPECT_EQ(shell("$T --no_special_tokens", dir.path()).out, "\n");
}

/// tiny-qwen with a chat template.
void write_chat_model(const test::TempDir& dir) {
  fs::copy_file(kQwen + "/tokenizer.json", dir / "tokenizer.json");
  dir.write("tokenizer_config.json", R"({"eos_token": "<|im_end|>"})");
  dir.write("chat_template.jinja",
            "{% for m in messages %}{{ '<|im_start|>' ~ m.role ~ '\n' ~ m.content ~ eos_token }}{% endfor %}"
            "{{ '<|im_start|>' if add_generation_prompt }}{{ tools | length if tools }}{{ mood }}");
}

TEST(TtxTokenize, MakesATextOfAConversation) {
  const test::TempDir dir;
  write_chat_model(dir);
  dir.write("chat.json", R"([{"role": "user", "content": "the tent"}])");
  const std::string text = "<|im_start|>user\nthe tent<|im_end|>";
  const auto chat = [&](const std::string& arguments) {
    return shell("$T " + arguments, dir.path(), dir.path().string());
  };
  EXPECT_EQ(chat("--chat chat.json --text").out, text);
  EXPECT_EQ(chat("--chat chat.json --text --json").out, nlohmann::json(text).dump() + "\n");
  const auto ids = ids_of(text, kQwen, hf::AddSpecialTokens::kNo);
  EXPECT_EQ(chat("--chat chat.json").out, fmt::format("{}\n", fmt::join(ids, " ")));
  EXPECT_EQ(chat("--chat - --json < chat.json").out, fmt::format("[{}]\n", fmt::join(ids, ", ")));
  EXPECT_EQ(chat("--chat chat.json --text --add_generation_prompt --chat_variables '{\"mood\": \"!\"}'").out,
            text + "<|im_start|>!");
  dir.write("tools.json", R"({"messages": [{"role": "user", "content": "the tent"}], "tools": [{}, {}]})");
  EXPECT_EQ(chat("--chat tools.json --text").out, text + "2");
}

TEST(TtxTokenize, NamesWhatIsWrongWithAConversation) {
  const test::TempDir dir;
  write_chat_model(dir);
  const auto refuses = [&](const std::string& arguments, const std::string& text, int code) {
    const auto result = shell("$T " + arguments, dir.path(), dir.path().string());
    EXPECT_EQ(result.exit_code, code) << arguments;
    EXPECT_THAT(result.err, HasSubstr(text));
    EXPECT_EQ(result.out, "");
  };
  dir.write("chat.json", R"([{"role": "user", "content": "x"}])");
  dir.write("empty.json", "[]");
  dir.write("broken.json", "[{\"role\": ");
  dir.write("other.json", R"({"messages": [], "model": "x"})");
  dir.write("none.json", "{}");
  refuses("--chat gone.json", "gone.json", 1);
  refuses("--chat empty.json", "got an empty list", 2);
  refuses("--chat broken.json", "[chat] broken.json", 2);
  refuses("--chat other.json", "got \"model\", expected messages, tools or documents", 2);
  refuses("--chat none.json", "none.json has no messages", 2);
  refuses("--chat chat.json --chat_variables '[1]'", "--chat_variables is no object: got array", 2);
  refuses("--chat chat.json --chat_variables '{'", "[chat] --chat_variables", 2);
  refuses("--text", "--text", 2);
  refuses("--chat chat.json --decode", "--decode", 2);
  refuses("--chat chat.json chat.json", "FILE", 2);
  dir.write("chat_template.jinja", "{{ raise_exception('not today') }}");
  refuses("--chat chat.json", "got \"not today\"", 1);
  fs::remove(dir / "chat_template.jinja");
  refuses("--chat chat.json", "the model has no chat template", 4);
}

TEST(TtxTokenize, WritesJson) {
  const test::TempDir dir;
  dir.write("a.txt", "the tent");
  dir.write("b.txt", "\xC3\xA9\n");
  const auto lists = shell("$T --json a.txt b.txt", dir.path());
  EXPECT_EQ(lists.exit_code, 0) << lists.err;
  const std::size_t end = lists.out.find('\n');
  EXPECT_EQ(nlohmann::json::parse(lists.out.substr(0, end)).get<std::vector<std::int32_t>>(),
            ids_of("the tent", kLlama));
  EXPECT_EQ(nlohmann::json::parse(lists.out.substr(end)).get<std::vector<std::int32_t>>(),
            ids_of("\xC3\xA9\n", kLlama));
  const auto objects = nlohmann::json::parse(shell("$T --json --tokens b.txt", dir.path()).out);
  ASSERT_GE(objects.size(), 3U);
  EXPECT_EQ(objects[0],
            nlohmann::json({{"id", 2395}, {"token", "<|begin_of_text|>"}, {"text", "<|begin_of_text|>"}}));
  EXPECT_EQ(objects.back(), nlohmann::json({{"id", 198}, {"token", "\xC4\x8A"}, {"text", "\n"}}));
  const auto lines = shell("$T --no_special_tokens --tokens a.txt b.txt", dir.path(), kQwen);
  EXPECT_THAT(lines.out, StartsWith("2353\tthe\t\"the\"\n"));
  EXPECT_THAT(lines.out, HasSubstr("\n\n"));
  EXPECT_THAT(lines.out, ::testing::EndsWith("198\t\xC4\x8A\t\"\\n\"\n"));
}

TEST(TtxTokenize, RoundTripKeepsEveryByte) {
  const test::TempDir dir;
  std::string all;
  for (int round = 0; round < 2; ++round) {
    for (int c = 0; c < 128; ++c) {
      all += static_cast<char>(c);
    }
  }
  std::string spaces(200'000, ' ');
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("a\n\n\n"), std::string("\r\n a\r\n"), all,
        std::string("gr\xC3\xB6\xC3\x9F"
                    "e \xE4\xBD\xA0\xF0\x9F\x8E\x89<|im_end|>\n"),
        spaces, std::string(200'000, 'x')}) {
    dir.write("text", text);
    for (const std::string& model : {kLlama, kQwen}) {
      for (const std::string form : {"", "--json"}) {
        const auto result =
            shell("$T --no_special_tokens " + form + " < text | $T --decode > back; cmp text back",
                  dir.path(), model);
        EXPECT_EQ(result.exit_code, 0) << result.out << result.err << text.substr(0, 20);
      }
    }
  }
}

TEST(TtxTokenize, LinesAreTextsOfTheirOwn) {
  const test::TempDir dir;
  dir.write("text", "the tent\n\n the\nend");
  const auto encoded = shell("$T --lines text", dir.path());
  EXPECT_EQ(std::count(encoded.out.begin(), encoded.out.end(), '\n'), 4) << encoded.out;
  EXPECT_THAT(encoded.out, HasSubstr("\n2395\n"));
  const auto back = shell("$T --lines --json text | $T --lines --decode --no_special_tokens", dir.path());
  EXPECT_EQ(back.out, "the tent\n\n the\nend\n");
}

TEST(TtxTokenize, DecodesEveryFormOfAList) {
  const test::TempDir dir;
  for (const std::string list : {"2414 64", "2414,64", " [2414, 64]\n", "2414\\n64\\n", "[2414\\n,64]"}) {
    const auto result = shell("printf '" + list + "' | $T --decode", dir.path());
    EXPECT_EQ(result.out, "thea") << list << result.err;
  }
  EXPECT_EQ(shell("printf '2395 2414' | $T --decode", dir.path()).out, "<|begin_of_text|>the");
  EXPECT_EQ(shell("printf '2395 2414' | $T --decode --no_special_tokens", dir.path()).out, "the");
  EXPECT_EQ(shell("printf '2414 198' | $T --decode --json", dir.path()).out, "\"the\\n\"\n");
  EXPECT_EQ(shell("$T --decode", dir.path()).out, "");
}

TEST(TtxTokenize, IdsThatAreNoneAreNamed) {
  const test::TempDir dir;
  struct Case {
    std::string list;
    std::string text;
  };
  for (const Case& c :
       std::vector<Case>{{"64 2423", "id 2423 (number 2 of 2) has no token"},
                         {"-1", "id -1 (number 1 of 1)"},
                         {"4294967296", "id 4294967296 "},
                         {"99999999999999999999", "id 99999999999999999999, which no vocabulary has"},
                         {"64 x7", "got 'x7'"},
                         {"1.5", "got '1.5'"},
                         {"[1] [2]", "got '1]'"},
                         {"\"1\"", "got '\"1\"'"}}) {
    const auto result = shell("printf '%s' '" + c.list + "' | $T --decode", dir.path());
    EXPECT_EQ(result.exit_code, 1) << c.list;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, StartsWith("ttx-tokenize: error: "));
    EXPECT_THAT(result.err, HasSubstr(c.text));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }
  EXPECT_THAT(shell("printf '64\\n2423' | $T --decode --lines", dir.path()).err,
              HasSubstr("standard input, line 2: id 2423 "));
}

TEST(TtxTokenize, RefusesInOneLine) {
  const test::TempDir dir;
  dir.write("bad",
            "ab\nc\xFF"
            "d");
  fs::create_directory(dir / "empty");
  struct Case {
    std::vector<std::string> arguments;
    int exit_code;
    std::string text;
  };
  for (const Case& c : std::vector<Case>{
           {{}, 2, "--model"},
           {{"--model", kQwen, "--what"}, 2, "--what"},
           {{"--model", kQwen, "--encode", "--decode"}, 2, "excludes"},
           {{"--model", kQwen, "--decode", "--tokens"}, 2, "excludes"},
           {{"--model", (dir / "absent").string()}, 4, "there is no folder"},
           {{"--model", "org/absent", "--cache_dir", dir.path().string()}, 4, "org/absent"},
           {{"--model", (dir / "empty").string()}, 4, "tokenizer.json"},
           {{"--model", kQwen, (dir / "absent").string()}, 1, "No such file"},
           {{"--model", kQwen, dir.path().string()}, 1, "Is a directory"},
           {{"--model", kQwen, (dir / "bad").string()}, 1, "got byte 0xFF at offset 4, line 2"},
           {{"--model", kQwen, "--lines", (dir / "bad").string()}, 1, "got byte 0xFF at offset 4, line 2"}}) {
    const auto result = tokenize(c.arguments);
    EXPECT_EQ(result.exit_code, c.exit_code) << c.text;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr(c.text));
    EXPECT_THAT(result.err, StartsWith("ttx-tokenize: error: "));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }
}

TEST(TtxTokenize, OutputThatCannotBeWrittenIsAFailure) {
  const test::TempDir dir;
  dir.write("text", std::string(100'000, '.'));
  for (const std::string target : {">&-", "> /dev/full"}) {
    for (const std::string call : {"$T text", "echo 64 | $T --decode", "$T --help", "$T --version"}) {
      const auto result = shell("exec 3>&1; " + call + " " + target, dir.path());
      EXPECT_EQ(result.exit_code, 1) << call << target;
      EXPECT_THAT(result.err, HasSubstr("stdout could not be written"));
    }
  }
}

TEST(TtxTokenize, TakesATokenizerAloneFromTheCache) {
  const test::TempDir dir;
  const std::string commit(40, 'a');
  dir.write("models--org--name/refs/main", commit);
  const auto snapshot = dir / ("models--org--name/snapshots/" + commit);
  fs::create_directories(snapshot);
  const auto missing = tokenize({"--model", "org/name", "--cache_dir", dir.path().string()});
  EXPECT_EQ(missing.exit_code, 4);
  EXPECT_THAT(missing.err, HasSubstr("tokenizer.json"));
  fs::copy(kQwen + "/tokenizer.json", snapshot);
  dir.write("text", "the");
  const auto result =
      tokenize({"--model", "org/name", "--cache_dir", dir.path().string(), (dir / "text").string()});
  EXPECT_EQ(result.out, "2353\n") << result.err;
}

TEST(TtxTokenize, HelpNamesTheFlags) {
  const auto help = tokenize({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* flag : {"--model", "--decode", "--json", "--tokens", "--lines", "--no_special_tokens"}) {
    EXPECT_THAT(help.out, HasSubstr(flag));
  }
}

}  // namespace
}  // namespace ttx
